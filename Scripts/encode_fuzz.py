#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Encodes random texts with `dialect tokenize` and with the reference, and compares the ids.

    Scripts/encode_fuzz.py --dialect .build/release/dialect --vocabularies DIR --count 100000 [--seed 1]

The folder has NAME/tokenizer.json for each NAME of --only. Needs tokenizers from PyPI. Texts are short and made to
disagree on: runs of spaces and line ends, contractions, digits, several scripts, marks, emoji, pieces of the
vocabulary, long words of few letters. Exits with 1 at the first difference and prints the text.
"""
import argparse
import json
import os
import random
import subprocess
import sys

PARTS = [
    " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "'", "'s", "'LL", "’", "1", "23", "4567", ".", "...", "--", "/", "//",
    "a", "the", "The", "THE", " of", "é", "e\u0301", "ſ", "ß", "日", "本語", "中文", "ひらがな", "한국", "я", "Привет",
    "\u00a0", "\u2028", "\u200d", "😀", "👩\u200d👩", "▁", "\u0301", "\u0600", "ﬁ", "<", "<0x0A>", "_", "ab", "aaaa",
]

# How many texts a vocabulary has its turn for.
BATCH = 20_000


def texts(generator, pieces):
    """One text: a few kinds of parts, mixed."""
    chosen = generator.sample(PARTS, generator.randint(1, 6)) + generator.sample(pieces, generator.randint(0, 3))
    length = generator.choice((1, 2, 5, 12, 40)) if generator.random() < 0.98 else 600
    return "".join(generator.choice(chosen) for _ in range(length))


def prepare(name, options):
    """A vocabulary's file, its reference, some of its pieces, and a generator."""
    from tokenizers import Tokenizer

    path = os.path.join(options.vocabularies, name, "tokenizer.json")
    reference = Tokenizer.from_file(path)
    reference.encode_special_tokens = True
    pieces = [reference.decode([i]) for i in range(300, min(30000, reference.get_vocab_size()), 7)]
    pieces = [piece for piece in pieces if piece and "\ufffd" not in piece]
    return path, reference, pieces, random.Random(f"{options.seed} {name}")


def check(name, prepared, count, options):
    """Whether so many texts have the same ids."""
    path, reference, pieces, generator = prepared
    batch = [texts(generator, pieces) for _ in range(count)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in batch)
    command = [options.dialect, "tokenize", "--tokenizer", path, "--jsonl"]
    output = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    found = [json.loads(line).get("ids") for line in output.splitlines()]
    references = reference.encode_batch(batch, add_special_tokens=False)
    for text, ids, expected in zip(batch, found, references, strict=True):
        if ids != expected.ids:
            print(f"{name}: {json.dumps(text)}\n  reference {expected.ids}\n  dialect   {ids}")
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--vocabularies", required=True)
    parser.add_argument("--only", default="gpt2,llama-3,qwen3,llama-2,mistral-v3")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    vocabularies = {name: prepare(name, options) for name in options.only.split(",")}
    done = 0
    while done < options.count:
        count = min(BATCH, options.count - done)
        if not all(check(name, prepared, count, options) for name, prepared in vocabularies.items()):
            sys.exit(1)
        done += count
        print(f"{done} texts for each of {', '.join(vocabularies)}: no difference", flush=True)


if __name__ == "__main__":
    main()
