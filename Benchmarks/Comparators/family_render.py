#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time of one render: a declarative family, the official Jinja template in Dialect, and minijinja.

    pip install transformers jinja2 minijinja
    Benchmarks/Comparators/family_render.py --templates FOLDER --dialect PROGRAM [--tokenizer FILE]

FOLDER holds <name>.jinja files, PROGRAM is the `dialect` tool in its release build. Texts are compared
before anything is timed. The three are interleaved, round by round, and each cell is the fastest of its
renders, in microseconds. With --tokenizer (a tokenizer.json of Llama 3), a conversation of 50 turns is
also rendered and encoded by Dialect and by transformers' apply_chat_template.
"""
import argparse
import datetime
import json
import os
import subprocess
import tempfile

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

import minijinja
import transformers
import transformers.utils.chat_template_utils as reference

from render_timing import fastest, raise_exception

# A family and the file of its official template.
FAMILIES = {"llama-3.1": "llama-3.1-8b-instruct", "qwen3": "qwen3", "gemma-3": "gemma-3-it", "gpt-oss": "gpt-oss",
            "chatml": "chatml", "deepseek-v3": "deepseek-v3", "mistral-7b-instruct-v0.3": "mistral-7b-instruct-v0.3"}
ROUNDS = 5


class FrozenClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 15)


def conversation(count):
    """`count` messages that every one of the templates accepts, ending with the user."""
    return [{"role": "assistant" if number % 2 else "user",
             "content": f"This is message number {number}. It has a few sentences of text. "
                        "Nothing special, but not too short either."} for number in range(count)]


def dialect(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def bench(program, file, *arguments):
    return json.loads(dialect(program, "bench", "render", "--input", file, "--passes", "300", "--json", *arguments))


def render_table(options, folder):
    print("| family | messages | declarative | Jinja in Dialect | minijinja | to Jinja | to minijinja | load, ms |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for family, name in FAMILIES.items():
        path = f"{options.templates}/{name}.jinja"
        with open(path, encoding="utf-8", newline="") as file:
            source = file.read()
        other = minijinja.Environment(templates={"t": source}, trim_blocks=True, lstrip_blocks=True, pycompat=True)
        other.add_function("raise_exception", raise_exception)
        other.add_function("strftime_now", lambda form: FrozenClock.now().strftime(form))
        for count in (1, 51, 401):
            request = {"messages": conversation(count), "add_generation_prompt": True, "now": "2026-01-15",
                       "bos_token": "<s>", "eos_token": "</s>"}
            file = f"{folder}/{count}.json"
            with open(file, "w", encoding="utf-8") as handle:
                json.dump(request, handle)
            context = {name: value for name, value in request.items() if name != "now"} | {"tools": None, "documents": None}
            expected = reference._cached_compile_jinja_template(source).render(**context)
            texts = [dialect(options.dialect, "render", flag, value, "--input", file)
                     for flag, value in (("--family", family), ("--jinja", path))]
            assert texts == [expected, expected], (family, count)
            assert other.render_template("t", **context) == expected, family
            best, loads = [float("inf")] * 3, []
            for _ in range(ROUNDS):
                mine = bench(options.dialect, file, "--family", family)
                loads.append(mine["load_ms"])
                best[0] = min(best[0], mine["best_us"])
                best[1] = min(best[1], bench(options.dialect, file, "--jinja", path)["best_us"])
                best[2] = min(best[2], fastest(lambda: other.render_template("t", **context), 200))
            print(f"| {family} | {count} | {best[0]:.1f} | {best[1]:.1f} | {best[2]:.1f} | {best[0] / best[1]:.2f} "
                  f"| {best[0] / best[2]:.2f} | {min(loads):.1f} |", flush=True)


def encode_table(options, folder):
    """50 turns of Llama 3.1, rendered and encoded."""
    with open(f"{options.templates}/llama-3.1-8b-instruct.jinja", encoding="utf-8", newline="") as file:
        template = file.read()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=options.tokenizer, bos_token="<|begin_of_text|>", eos_token="<|eot_id|>", chat_template=template)
    messages = conversation(99)
    file = f"{folder}/encode.json"
    with open(file, "w", encoding="utf-8") as handle:
        json.dump({"messages": messages, "add_generation_prompt": True}, handle)
    run = lambda: tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    mine = ["--family", "llama-3.1", "--tokenizer", options.tokenizer]
    ids = json.loads(dialect(options.dialect, "tokenize", *mine, "--input", file, "--json"))["ids"]
    assert ids == run(), "ids differ"
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        best[0] = min(best[0], bench(options.dialect, file, *mine)["encode_us"])
        best[1] = min(best[1], fastest(run, 20))
    print(f"\nrender and encode, {len(ids)} tokens: Dialect {best[0]:.0f} us, transformers {best[1]:.0f} us, "
          f"{best[1] / best[0]:.1f} times as fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--templates", required=True)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--tokenizer")
    options = parser.parse_args()
    reference.datetime = FrozenClock
    with tempfile.TemporaryDirectory() as folder:
        render_table(options, folder)
        if options.tokenizer:
            encode_table(options, folder)


if __name__ == "__main__":
    main()
