#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time of one render: Jinja2 as transformers compiles it, minijinja, and Dialect, in one run.

    pip install transformers jinja2 minijinja
    Benchmarks/Comparators/jinja_render.py --templates FOLDER [--dialect PROGRAM]

FOLDER holds <name>.jinja files (see NAMES). Texts are compared before anything is timed. PROGRAM is
a release build of `dialect`, whose time is that of the whole render: checks, text, and who wrote
what. The three are interleaved, round by round, and each cell is the fastest of its renders.
"""
import argparse
import json
import os
import subprocess
import tempfile

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
import datetime

import minijinja
import transformers.utils.chat_template_utils as reference

from render_timing import fastest, raise_exception

NAMES = ["llama-3.1-8b-instruct", "qwen3", "mistral-small-3.2-24b-instruct", "gemma-3-it", "gpt-oss"]
ROUNDS = 5


class FrozenClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 15)


def conversation(count):
    """`count` messages that every one of the templates accepts, ending with the user."""
    if count == 2:
        return [{"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": "What is the capital of France?"}]
    roles = ["user", "assistant"]
    messages = [] if count % 2 else [{"role": "system", "content": "You are a helpful assistant."}]
    while len(messages) < count:
        number = len(messages)
        messages.append({"role": roles[(number + (0 if count % 2 else 1)) % 2],
                         "content": f"This is message number {number}. It has a few sentences of text. "
                                    "Nothing special, but not too short either."})
    return messages


def dialect(program, template, context, passes):
    """The text for no passes, else the microseconds of the fastest render."""
    request = {key: context[key] for key in ("messages", "add_generation_prompt")}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(request, file)
        file.flush()
        options = ["--jinja", template, "--input", file.name, "--bos-token", "<s>", "--eos-token", "</s>",
                   "--now", "2026-01-15", "--add-generation-prompt"]
        if not passes:
            return subprocess.run([program, "render", *options], capture_output=True, check=True).stdout.decode()
        run = [program, "bench", "render", *options, "--passes", str(passes), "--json"]
        return json.loads(subprocess.run(run, capture_output=True, check=True).stdout)["best_us"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--templates", required=True)
    parser.add_argument("--dialect")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    reference.datetime = FrozenClock
    print("| template | messages | jinja2 | minijinja | Dialect | to minijinja | to jinja2 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in NAMES:
        if options.only not in name:
            continue
        path = f"{options.templates}/{name}.jinja"
        with open(path, encoding="utf-8", newline="") as file:
            source = file.read()
        compiled = reference._cached_compile_jinja_template(source)
        other = minijinja.Environment(templates={"t": source}, trim_blocks=True, lstrip_blocks=True, pycompat=True)
        other.add_function("raise_exception", raise_exception)
        other.add_function("strftime_now", lambda form: FrozenClock.now().strftime(form))
        for count in (2, 51):
            context = {"messages": conversation(count), "tools": None, "documents": None,
                       "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>"}
            expected = compiled.render(**context)
            try:
                minijinja_equal = other.render_template("t", **context) == expected
            except Exception as error:
                minijinja_equal = f"fails: {str(error)[:40]}"
            if options.dialect:
                assert dialect(options.dialect, path, context, 0) == expected, name
            best = [float("inf")] * 3
            for _ in range(ROUNDS):
                best[0] = min(best[0], fastest(lambda: compiled.render(**context), 40))
                if minijinja_equal is True or minijinja_equal is False:
                    best[1] = min(best[1], fastest(lambda: other.render_template("t", **context), 200))
                if options.dialect:
                    best[2] = min(best[2], dialect(options.dialect, path, context, 1000))
            note = "" if minijinja_equal is True else " (text differs)" if minijinja_equal is False else f" ({minijinja_equal})"
            print(f"| {name} | {count} | {best[0]:.1f} | {best[1]:.1f}{note} | {best[2]:.1f} | {best[2] / best[1]:.2f} | {best[2] / best[0]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
