# SPDX-License-Identifier: Apache-2.0
"""The references that families are recorded from: each renders a request to text, or says why not."""
import datetime
import hashlib
import importlib
import json
import os
import pathlib
import sys
from unittest.mock import MagicMock

NOW = "2026-01-15"


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
        return self.joined(tokens, control, texts)

    def joined(self, tokens, control, texts):
        """The texts that were to be encoded, with the control tokens between them."""
        return "".join(
            texts[token - self.FIRST_MARK] if token >= self.FIRST_MARK else control[token]
            for token in tokens)


class FillInTheMiddle(MistralCommon):
    """mistral-common's encode_fim: a text before a gap, and one after it."""

    def __init__(self, version, folder):
        super().__init__(version, folder)
        self.by += ", encode_fim"

    def render(self, request):
        from mistral_common.protocol.fim.request import FIMRequest
        messages = request["messages"]
        if len(messages) != 1 or messages[0]["role"] != "user":
            raise Refused()
        if not isinstance(messages[0]["content"], str) or request.get("tools"):
            raise Unsupported()
        made, control, texts = self.tokenizer("test")
        inner = made.instruct_tokenizer
        # The suffix is encoded behind a text whose tokens are dropped: here it is a text as any other.
        inner._encode_infilling = lambda text: inner.tokenizer.encode(text, bos=False, eos=False)
        asked = FIMRequest(prompt=messages[0]["content"], suffix=messages[0].get("suffix"))
        return self.joined(made.encode_fim(asked).tokens, control, texts)


# ------------------------------------------------------------------ llama-models
class LlamaModels:
    def __init__(self, version, checkout):
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


# ------------------------------------------------------------------ openai-harmony
class Harmony:
    KNOWN = {"role", "content", "tool_calls", "reasoning_content", "tool_call_id", "name"}

    def __init__(self, vocabulary):
        os.environ["TIKTOKEN_ENCODINGS_BASE"] = vocabulary
        import importlib.metadata
        import openai_harmony
        self.h = openai_harmony
        self.encoding = openai_harmony.load_harmony_encoding(
            openai_harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
        self.by = f"openai-harmony {importlib.metadata.version('openai-harmony')}"

    def messages(self, request):
        """The request as harmony's own messages: one for each thought, text and call."""
        h = self.h
        if any(k in request for k in ("documents", "kwargs", "continue_final_message")):
            raise Unsupported()
        make = h.Message.from_role_and_content
        made = [make(h.Role.SYSTEM, h.SystemContent.new().with_conversation_start_date(NOW))]
        rest = list(request["messages"])
        for message in rest:
            if set(message) - self.KNOWN or not isinstance(message["content"], str):
                raise Unsupported()
            if message["role"] not in ("system", "developer", "user", "assistant", "tool"):
                raise Unsupported()
        developer = h.DeveloperContent.new()
        first = rest.pop(0) if rest[0]["role"] in ("system", "developer") else None
        if any(message["role"] in ("system", "developer") for message in rest):
            raise Unsupported()
        if first and first["content"]:
            developer = developer.with_instructions(first["content"])
        if request.get("tools"):
            developer = developer.with_function_tools([
                h.ToolDescription.new(
                    t["function"]["name"], t["function"]["description"], t["function"]["parameters"])
                for t in request["tools"]])
        if first and first["content"] or request.get("tools"):
            made.append(make(h.Role.DEVELOPER, developer))
        for message in rest:
            if message["role"] == "user":
                if "name" in message:
                    raise Unsupported()
                made.append(make(h.Role.USER, message["content"]))
            elif message["role"] == "tool":
                author = h.Author.new(h.Role.TOOL, "functions." + message["name"])
                made.append(h.Message.from_author_and_content(author, message["content"])
                            .with_recipient("assistant").with_channel("commentary"))
            else:
                made += self.answer(message)
        return made

    def answer(self, message):
        make = self.h.Message.from_role_and_content
        role = self.h.Role.ASSISTANT
        if message.get("reasoning_content"):
            yield make(role, message["reasoning_content"]).with_channel("analysis")
        calls = message.get("tool_calls", [])
        if message["content"] or not calls:
            channel = "commentary" if calls else "final"
            yield make(role, message["content"]).with_channel(channel)
        for call in calls:
            arguments = call["function"]["arguments"]
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            yield (make(role, arguments).with_channel("commentary")
                   .with_recipient("functions." + call["function"]["name"])
                   .with_content_type("<|constrain|>json"))

    def render(self, request):
        conversation = self.h.Conversation.from_messages(self.messages(request))
        if request.get("add_generation_prompt"):
            tokens = self.encoding.render_conversation_for_completion(
                conversation, self.h.Role.ASSISTANT)
        else:
            tokens = self.encoding.render_conversation_for_training(conversation)
        return self.encoding.decode(tokens)
