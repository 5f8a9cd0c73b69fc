#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares exported Jinja templates, rendered by Python's transformers, with Dialect's own renders.

    pip install transformers jinja2
    Scripts/check_jinja_export.py --dialect PROGRAM --conversations FOLDER [--golden FOLDER] [--only NAME]

FOLDER holds conversations as JSON files ({"messages": …, "tools": …, "documents": …}). Every built-in
family is exported; every conversation is rendered with and without a generation prompt, and with the
options that the family's golden file lists where there is one (<name or alias>.jsonl, lines with
"conversation" and "options"). Text, refusals and the spans of the mask must be equal. Exit status 1
where they are not.
"""
import argparse
import collections
import datetime
import json
import os
import re
import subprocess
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

import jinja2.exceptions
import transformers.utils.chat_template_utils as reference

NOW = "2026-01-15"
DEFAULTS = [{}, {"add_generation_prompt": True}]


class FrozenClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromisoformat(NOW)


def families():
    """The names of every built-in family, its own first, read off the heads of the template files."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "templates")
    for file in sorted(os.listdir(folder)):
        if file.endswith(".yaml"):
            with open(os.path.join(folder, file), encoding="utf-8") as handle:
                head = handle.read().split("\nsource:")[0].split("\n")
            if "abstract: true" not in head:
                lines = [line for line in head if line.startswith(("family: ", "aliases: "))]
                yield [name for line in lines for name in json.loads("[" + line.split(": ", 1)[1].strip("[]") + "]")]


def run(program, *arguments, lines=None):
    text = None if lines is None else "".join(json.dumps(line) + "\n" for line in lines)
    answer = subprocess.run([program, *arguments], input=text, capture_output=True, text=True)
    if lines is None:
        return answer
    return [json.loads(line) for line in answer.stdout.split("\n") if line]


def request(conversation, options):
    """The line that the batch mode reads for a conversation and its options."""
    line = {name: conversation[name] for name in ("messages", "tools", "documents") if conversation.get(name) is not None}
    line.update({name: value for name, value in options.items() if name != "keep_nulls"})
    return {**line, "now": NOW}


def render(template, line):
    """Text and spans, or the error, as `apply_chat_template` has them."""
    options = dict(line.get("kwargs") or {})
    options.update({name: line[name] for name in ("bos_token", "eos_token") if line.get(name)})
    opens, continues = line.get("add_generation_prompt", False), line.get("continue_final_message", False)
    if opens and continues:
        return None, "add_generation_prompt and continue_final_message exclude each other", []
    # apply_chat_template drops null members before it renders.
    messages = [{name: value for name, value in message.items() if value is not None} if isinstance(message, dict) else message
                for message in line["messages"]]
    try:
        texts, spans = reference.render_jinja_template(
            [messages], tools=line.get("tools"), documents=line.get("documents"), chat_template=template,
            return_assistant_tokens_mask=True, continue_final_message=continues, add_generation_prompt=opens, **options)
    except Exception as error:
        kind = "raised" if type(error) is jinja2.exceptions.TemplateError else "failed"
        return None, (kind, str(error)), []
    return texts[0], None, spans[0]


def model_spans(segments, text):
    """Where the model writes, in characters, neighbours joined."""
    spans, place = [], 0
    for segment in segments:
        end = place + len(segment["text"])
        if segment["author"] == "model":
            if spans and spans[-1][1] == place:
                spans[-1][1] = end
            else:
                spans.append([place, end])
        place = end
    return spans


def joined(spans, text):
    """Spans cut to the text, without empty ones, neighbours joined."""
    result = []
    for start, end in sorted(spans):
        end = min(end, len(text))
        if start >= end:
            continue
        if result and result[-1][1] >= start:
            result[-1][1] = max(end, result[-1][1])
        else:
            result.append([start, end])
    return result


def named(error):
    """The words of an error, a field by its own name: Jinja has no words for where it stands in a message."""
    return re.sub(r"field '(?:[^']*\.)?([^'.\[]*)(?:\[\d+\])?'", r"field '\1'", error)


def difference(mine, theirs, continues):
    """What differs between Dialect's answer and the reference's, or None."""
    text, error, spans = theirs
    if "error" in mine:
        if error is None:
            return f"should refuse with {mine['error']!r}, but gives {text!r}"
        if error[0] == "raised" and named(error[1]) not in named(mine["error"]):
            return f"refuses with {error[1]!r} instead of {mine['error']!r}"
        return None
    if error is not None:
        return f"fails: {error}"
    if mine["rendered"] != text:
        same = next((at for at, (a, b) in enumerate(zip(mine["rendered"], text)) if a != b), min(len(text), len(mine["rendered"])))
        return f"at {same}: {text[max(0, same - 40):same + 40]!r} instead of {mine['rendered'][max(0, same - 40):same + 40]!r}"
    found, wanted = joined(spans, text), model_spans(mine["segments"], text)
    return None if found == wanted or continues else f"mask {found} instead of {wanted}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--conversations", required=True)
    parser.add_argument("--golden")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    reference.datetime = FrozenClock
    conversations = {}
    for file in sorted(os.listdir(options.conversations)):
        with open(os.path.join(options.conversations, file), encoding="utf-8") as handle:
            conversations[file.removesuffix(".json")] = json.load(handle)
    total, failed = 0, 0
    for names in families():
        if options.only and not any(options.only in name for name in names):
            continue
        exported = run(options.dialect, "convert", names[0], "--to", "jinja")
        if exported.returncode:
            print(f"{names[0]}: {exported.stderr.strip()}")
            failed += 1
            continue
        cases = [(name, variant) for name in conversations for variant in DEFAULTS]
        for name in names:
            path = os.path.join(options.golden or "", name + ".jsonl")
            if options.golden and os.path.exists(path):
                with open(path, encoding="utf-8") as handle:
                    golden = [json.loads(line) for line in handle.read().split("\n") if line]
                cases += [(line["conversation"], line["options"]) for line in golden
                          if line.get("options") and not line["options"].get("keep_nulls")]
        lines = [request(conversations[name], variant) for name, variant in cases]
        answers = run(options.dialect, "render", "--family", names[0], "--jsonl", "--segments", lines=lines)
        shown = collections.Counter()
        for (name, variant), line, answer in zip(cases, lines, answers, strict=True):
            total += 1
            problem = difference(answer, render(exported.stdout, line), line.get("continue_final_message"))
            if problem:
                failed += 1
                shown[names[0]] += 1
                if shown[names[0]] <= options.show:
                    print(f"{names[0]}, {name} {variant}: {problem[:600]}")
        print(f"{names[0]}: {len(cases) - shown[names[0]]} of {len(cases)}", flush=True)
    print(f"{total - failed} of {total} equal")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
