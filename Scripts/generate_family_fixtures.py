#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what every family's reference makes of Tests/Fixtures/Conversations.

    pip install "transformers==5.23.0" "mistral-common==1.13.1" "openai-harmony==0.0.8" tiktoken
    Scripts/generate_family_fixtures.py --templates FOLDER --vocab FOLDER \\
        [--llama-models CHECKOUT] [--only NAME] [--check]

Nothing here comes from this project's own renderer. A family's reference is, in this order:

* mistral-common, llama-models or openai-harmony, where the family's file names it. What they are
  given to encode is recorded, not what their tokens decode to: pieces of text between control
  tokens, joined.
* the official Jinja template through transformers' apply_chat_template. --templates holds
  manifest.json and jinja/NAME.jinja; a family is found there by its name or an alias. --vocab holds
  layout/templates/NAME.jinja for the few that are not.
* for base models, the token that their tokenizer puts before a text (BASE below).

A refusal with the template's own words is recorded with them, any other failure as `error: true`.
What a reference's request type cannot express is left out. Files are only written where they differ.
--check writes nothing and fails where a file would change.
"""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import sys
import tempfile
import types
import unicodedata

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOW = "2026-01-15"
INLINE_BYTES = 640

# The text that the tokenizer of a base model writes first (tokenizer_config.json, add_bos_token).
BASE = {
    "deepseek-v3-base": "<｜begin▁of▁sentence｜>", "falcon-base": "", "gemma-2-base": "<bos>",
    "gemma-3-base": "<bos>", "granite-3.3-base": "", "llama-2-base": "<s>",
    "llama-3-base": "<|begin_of_text|>", "llama-4-base": "<|begin_of_text|>", "mistral-base": "<s>",
    "qwen2.5-base": "", "qwen3-base": "",
}


class Unsupported(Exception):
    """The reference has no way to be asked this."""


class Refused(Exception):
    """The reference refuses; the words are its own, or None where they are Python's."""

    def __init__(self, words=None):
        super().__init__(words)
        self.words = words


# ------------------------------------------------------------------ transformers
class HubTemplate:
    def __init__(self, source, special):
        import transformers
        from tokenizers import Tokenizer, models
        from transformers import PreTrainedTokenizerFast
        import transformers.utils.chat_template_utils as utils

        class Frozen(datetime.datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.datetime.fromisoformat(NOW)
        utils.datetime = Frozen
        self.source = source
        core = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=core, **{k: v for k, v in special.items() if v is not None})
        digest = hashlib.sha256(source.encode()).hexdigest()[:16]
        self.by = f"transformers {transformers.__version__}, template {digest}"

    def render(self, request):
        import jinja2
        request = json.loads(json.dumps(request))
        try:
            return self.tokenizer.apply_chat_template(
                request["messages"], tools=request.get("tools"), documents=request.get("documents"),
                chat_template=self.source, tokenize=False,
                add_generation_prompt=request.get("add_generation_prompt", False),
                continue_final_message=request.get("continue_final_message", False),
                **request.get("kwargs", {}))
        except jinja2.exceptions.TemplateError as error:
            raise Refused(str(error) if type(error) is jinja2.exceptions.TemplateError else None)
        except Exception:
            raise Refused()


# ------------------------------------------------------------------ mistral-common
class MistralCommon:
    FIRST_MARK = 10_000_000

    def __init__(self, version, folder):
        import mistral_common
        from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
        data = MistralTokenizer._data_path()
        files = {
            "v1": data / "tokenizer.model.v1", "v2": data / "mistral_instruct_tokenizer_240216.model.v2",
            "v3": data / "mistral_instruct_tokenizer_240323.model.v3",
            "v7": data / "mistral_instruct_tokenizer_241114.model.v7",
            "v3-tekken": data / "tekken_240718.json",
        }
        self.path = str(files.get(version) or self.tekken(version.split("-")[0], folder, data))
        self.modes = {}
        self.by = f"mistral-common {mistral_common.__version__}, {version}"

    @staticmethod
    def tekken(version, folder, data):
        """The shipped vocabulary with the control tokens of a format version."""
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer
        base = json.load(open(data / "tekken_240718.json", encoding="utf-8"))
        special = [
            {"rank": t["rank"], "token_str": str(getattr(t["token_str"], "value", t["token_str"])),
             "is_control": True} for t in Tekkenizer.DEPRECATED_SPECIAL_TOKENS]
        number = int(version[1:])

        def add(rank, *names):
            while len(special) < rank:
                special.append({"rank": len(special), "token_str": f"<SPECIAL_{len(special)}>",
                                "is_control": True})
            for name in names:
                special.append({"rank": len(special), "token_str": name, "is_control": True})
        if number >= 11:
            add(32, "[ARGS]", "[CALL_ID]")
        if number >= 13:
            add(35, "[THINK]", "[/THINK]")
        if number >= 15:
            add(37, "[MODEL_SETTINGS]", "[/MODEL_SETTINGS]")
        content = {"config": {**base["config"], "version": version}, "vocab": base["vocab"],
                   "special_tokens": special}
        if number >= 15:
            content["model_settings_builder"] = {"reasoning_effort": {
                "type": "enum", "values": ["none", "high"], "accepts_none": True, "default": "none"}}
        path = os.path.join(folder, f"tekken-{version}.json")
        json.dump(content, open(path, "w", encoding="utf-8"))
        return path

    def tokenizer(self, mode):
        from mistral_common.protocol.instruct.validator import ValidationMode
        from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
        if mode not in self.modes:
            made = MistralTokenizer.from_file(self.path, mode=ValidationMode(mode))
            inner = made.instruct_tokenizer.tokenizer
            texts = []
            control = {id: inner.id_to_piece(id) for id in range(1000)}

            # Every text that is to be encoded becomes one number that stands for it.
            def encode(text, bos, eos):
                texts.append(text)
                mark = [self.FIRST_MARK + len(texts) - 1] if text else []
                return [inner.bos_id] * bos + mark + [inner.eos_id] * eos
            inner.encode = encode
            inner.decode = inner.to_string = inner._to_string = lambda *a, **k: ""
            self.modes[mode] = (made, control, texts)
        return self.modes[mode]

    def render(self, request):
        from mistral_common.protocol.instruct.request import ChatCompletionRequest
        if any(k in request for k in ("documents", "kwargs", "continue_final_message")):
            raise Unsupported()
        messages = json.loads(json.dumps(request["messages"]))
        isAnswered = messages[-1]["role"] == "assistant"
        if isAnswered == request.get("add_generation_prompt", False):
            raise Unsupported()
        for message in messages:
            for call in message.get("tool_calls", []):
                arguments = call["function"]["arguments"]
                if not isinstance(arguments, str):
                    call["function"]["arguments"] = json.dumps(arguments, ensure_ascii=False)
        made, control, texts = self.tokenizer("finetuning" if isAnswered else "test")
        try:
            asked = ChatCompletionRequest.from_openai(messages, tools=request.get("tools"))
        except Exception:
            raise Unsupported()
        try:
            tokens = made.encode_chat_completion(asked).tokens
        except Exception:
            raise Refused()
        text = ""
        for token in tokens:
            if token >= self.FIRST_MARK:
                text += texts[token - self.FIRST_MARK]
            else:
                text += control[token]
        return text


# ------------------------------------------------------------------ llama-models
class LlamaModels:
    def __init__(self, version, checkout):
        import importlib
        from unittest.mock import MagicMock
        for name in ("torch", "torchvision", "torchvision.transforms", "torchvision.transforms.v2",
                     "torchvision.transforms.functional"):
            if name not in sys.modules:
                sys.modules[name] = MagicMock(name=name, __spec__=None)
        sys.path.insert(0, checkout)
        self.types = importlib.import_module("models.datatypes")
        load = lambda name: importlib.import_module(f"models.llama{version}.{name}")  # noqa: E731
        tokenizer = load("tokenizer").Tokenizer(
            pathlib.Path(checkout, "models", f"llama{version}", "tokenizer.model"))
        self.format = load("chat_format").ChatFormat(tokenizer)
        for name in [n for n in sys.modules if n.startswith("torch")]:
            if isinstance(sys.modules[name], MagicMock):
                del sys.modules[name]
        self.by = f"llama-models, llama{version} ChatFormat"

    def render(self, request):
        if any(k in request for k in ("documents", "kwargs", "continue_final_message", "tools")):
            raise Unsupported()
        known = {"role", "content", "tool_calls", "tool_call_id", "name"}
        messages = []
        for message in request["messages"]:
            content = message["content"]
            if set(message) - known or content is None:
                raise Unsupported()
            if message["role"] not in ("system", "user", "assistant", "tool"):
                raise Unsupported()
            if isinstance(content, list):
                content = [self.types.RawTextItem(text=part["text"]) for part in content]
            fields = {"role": message["role"], "content": content}
            if message.get("tool_calls"):
                fields["tool_calls"] = [
                    self.types.ToolCall(
                        call_id=call["id"], tool_name=call["function"]["name"],
                        arguments=call["function"]["arguments"])
                    for call in message["tool_calls"]]
            try:
                messages.append(self.types.RawMessage(**fields))
            except Exception:
                raise Unsupported()
        if not request.get("add_generation_prompt"):
            raise Unsupported()
        try:
            tokens = self.format.encode_dialog_prompt(
                messages, self.types.ToolPromptFormat("json")).tokens
        except Exception:
            raise Refused()
        return self.format.tokenizer.decode(list(tokens))


# ------------------------------------------------------------------ base models
class BaseModel:
    def __init__(self, first):
        self.first = first
        self.by = "the maker's tokenizer settings"

    def render(self, request):
        messages = request["messages"]
        if len(messages) == 1 and messages[0]["role"] == "user":
            content = messages[0]["content"]
            if not isinstance(content, str) or request.get("tools") or request.get("documents"):
                raise Unsupported()
            return self.first + content
        raise Refused()


# ------------------------------------------------------------------ families
def families():
    for file in sorted(os.listdir(os.path.join(ROOT, "templates"))):
        if not file.endswith(".yaml"):
            continue
        text = open(os.path.join(ROOT, "templates", file), encoding="utf-8").read()
        if re.search(r"^abstract: true", text, re.M):
            continue
        name = re.search(r'^family: "(.*)"', text, re.M)[1]
        aliases = re.search(r"^aliases: (\[.*\])", text, re.M)
        reference = re.search(r'reference: "([^"]*)"', text)
        yield name, json.loads(aliases[1]) if aliases else [], reference[1] if reference else ""


def reference_of(name, aliases, said, options, manifest, scratch):
    if said.startswith("mistral-common"):
        names = [n for n in [name] + aliases if n.startswith("mistral-v")]
        version = max(names, key=len).removeprefix("mistral-")
        number = int(re.match(r"v(\d+)", version)[1])
        return MistralCommon(f"v{number}-tekken" if number > 7 else name.removeprefix("mistral-"), scratch)
    if said.startswith("llama-models"):
        if not options.llama_models:
            return None
        return LlamaModels(re.match(r"llama-(\d)", name)[1], os.path.abspath(options.llama_models))
    if name in BASE:
        return BaseModel(BASE[name])
    for known in [name] + aliases:
        for entry in manifest:
            if known == entry["id"] or known in entry["aliases"]:
                path = os.path.join(options.templates, "jinja", entry["id"] + ".jinja")
                return HubTemplate(
                    open(path, encoding="utf-8", newline="").read(),
                    {"bos_token": entry["bos_token"], "eos_token": entry["eos_token"]})
        path = os.path.join(options.vocab or "", "layout", "templates", known + ".jinja")
        if options.vocab and os.path.exists(path):
            layouts = json.load(open(os.path.join(options.vocab, "manifest.json")))["layouts"]
            layout = next(x for x in layouts if x["family"] == known)
            return HubTemplate(
                open(path, encoding="utf-8", newline="").read(), layout["special_tokens_map"])
    return None


# ------------------------------------------------------------------ files
def quoted(text):
    out = json.dumps(text, ensure_ascii=False)
    hidden = {"Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cs", "Cn"}
    return "".join(
        c if c == " " or unicodedata.category(c) not in hidden
        else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in out)


def record(reference, request):
    """What a case expects, as YAML, or None where the reference cannot be asked."""
    try:
        text = reference.render(request)
    except Unsupported:
        return None
    except Refused as refusal:
        return "{error: " + (quoted(refusal.words) if refusal.words else "true") + "}"
    size = len(text.encode())
    if size <= INLINE_BYTES:
        return "{text: " + quoted(text) + "}"
    return '{text: {sha256: "%s", bytes: %d}}' % (hashlib.sha256(text.encode()).hexdigest(), size)


def fixture(name, reference, conversations):
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        "# Made by Scripts/generate_family_fixtures.py from the reference; never from our own renders.",
        'format: "dialect-fixture/1"',
        "template: {family: %s}" % quoted(name),
        'options: {now: "%s"}' % NOW,
        "recorded: {by: %s}" % quoted(reference.by),
        "cases:",
    ]
    count = 0
    for conversation, request in conversations.items():
        expected = record(reference, request)
        if expected is None:
            continue
        count += 1
        lines.append("  - name: %s\n    conversation: {file: %s}\n    expect: %s" % (
            quoted(conversation), quoted(f"../Conversations/{conversation}.json"), expected))
    return "\n".join(lines) + "\n", count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--templates", required=True)
    parser.add_argument("--vocab")
    parser.add_argument("--llama-models")
    parser.add_argument("--only", default="")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    manifest = json.load(open(os.path.join(options.templates, "manifest.json")))["templates"]
    folder = os.path.join(ROOT, "Tests", "Fixtures")
    conversations = {}
    for file in sorted(os.listdir(os.path.join(folder, "Conversations"))):
        request = json.load(open(os.path.join(folder, "Conversations", file), encoding="utf-8"))
        conversations[file.removesuffix(".json")] = request
    changed = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, aliases, said in families():
            if options.only not in name:
                continue
            reference = reference_of(name, aliases, said, options, manifest, scratch)
            if reference is None:
                print(f"{name}: no reference at hand ({said})")
                continue
            text, count = fixture(name, reference, conversations)
            path = os.path.join(folder, "Families", name + ".yaml")
            old = open(path, encoding="utf-8").read() if os.path.exists(path) else None
            if text != old:
                changed.append(name)
                if not options.check:
                    open(path, "w", encoding="utf-8", newline="\n").write(text)
            print(f"{name}: {count} conversations from {reference.by}")
    print(f"{len(changed)} files {'would change' if options.check else 'changed'}")
    sys.exit(1 if options.check and changed else 0)


if __name__ == "__main__":
    main()
