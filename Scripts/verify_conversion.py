#!/usr/bin/env python3
"""Converts every vocabulary of the conformance corpus to tokenizer.json and compares Python's tokenizers,
which loads the result, with `dialect` on the source: ids without and with special tokens, and decoding.
The small SentencePiece models of Tests/Fixtures are compared with the sentencepiece library as well.

usage: verify_conversion.py --corpus DIR --cli PATH [--only NAME] [--random N]

Texts are those of the corpus's goldens and random ones with a fixed seed. A source that the tool refuses
is reported with its message. Needs the Python packages tokenizers and sentencepiece.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import sentencepiece
import tokenizers

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/SentencePiece/models.jsonl"


def batch(command, requests):
    """The answers of a batch verb, in order."""
    text = "\n".join(json.dumps(request) for request in requests) + "\n"
    answer = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    return [json.loads(line) for line in answer.stdout.split("\n") if line]


def random_texts(count, seed=20261121):
    """Texts that mix words, spaces, digits, marks and scalars of every plane."""
    source = random.Random(seed)
    words = ["hello", "World", " the", "'ve", "123456", "  ", "\n\n", "\t", "é", "e\u0301", "日本語", "👩‍👩‍👧", "<s>",
             "</s>", "<|endoftext|>", "[INST]", "[REF]", "▁", "▁▁", "aaaa", "0x0A", "<0x0A>", "\u00a0", "ſ", "İ",
             "[REFERENCE_DOC_1]", "[REFERENCE_DOC_", "[/REF]", "①", "\u3000", "\u0301", "(c)", "\u200b", "<unk>", "[control_8]"]
    texts = []
    for _ in range(count):
        parts = []
        for _ in range(source.randrange(1, 12)):
            kind = source.randrange(4)
            if kind < 2:
                parts.append(source.choice(words))
            elif kind == 2:
                parts.append("".join(chr(source.randrange(32, 127)) for _ in range(source.randrange(1, 8))))
            else:
                value = source.randrange(0x20, 0x30000)
                parts.append(chr(value) if not 0xD800 <= value < 0xE000 else "?")
        texts.append("".join(parts))
    return texts


def golden_texts(corpus, vocabulary):
    """Every text of a vocabulary's encode goldens."""
    texts = {}
    for reader in vocabulary["readers"]:
        for kind in ("encode", "encode-special"):
            golden = reader["goldens"].get(kind)
            if golden:
                with open(os.path.join(corpus, golden["file"]), encoding="utf-8") as lines:
                    texts.update((json.loads(line)["text"], None) for line in lines)
    return list(texts)


def compare(cli, source, options, texts, library=None):
    """The numbers of comparisons and the first difference, or the tool's message.

    `library` encodes a text as the reference of the source's format does.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "tokenizer.json")
        answer = subprocess.run([cli, "convert", source, "--to", "tokenizer.json", "--output", target] + options,
                                capture_output=True, text=True)
        if answer.returncode:
            return 0, 0, f"refused: {answer.stderr.strip()[:400]}"
        converted = tokenizers.Tokenizer.from_file(target)
    if library:
        converted.encode_special_tokens = True
        for text in texts:
            mine, theirs = converted.encode(text, add_special_tokens=False).ids, library(text)
            if mine != theirs:
                return len(texts), 1, f"{text[:80]!r}: tokenizers {mine[:20]}, sentencepiece {theirs[:20]}"
    tokenize = [cli, "tokenize", "--jsonl", "--tokenizer", source] + options
    decode = [cli, "decode", "--jsonl", "--tokenizer", source] + options
    requests = [{"text": text} for text in texts]
    total = bad = 0
    first = ""
    for parses in (False, True):
        flags = ["--add-special", "--parse-special"] if parses else ["--no-special"]
        converted.encode_special_tokens = not parses
        ours = batch(tokenize + flags, requests)
        ids = [answer.get("ids") for answer in ours]
        theirs = [converted.encode(text, add_special_tokens=parses).ids for text in texts]
        skip = ["--skip-special"] if parses else []
        back = batch(decode + skip, [{"ids": row or []} for row in ids])
        for text, mine, their, decoded in zip(texts, ids, theirs, back):
            total += 2
            if mine != their:
                bad += 1
                first = first or f"parses={parses} {text[:80]!r}: dialect {mine[:20]}, tokenizers {their[:20]}"
            elif converted.decode(mine, skip_special_tokens=parses) != decoded.get("text"):
                bad += 1
                first = first or (f"decode {mine[:20]}: dialect {str(decoded)[:120]!r}, tokenizers "
                                  f"{converted.decode(mine, skip_special_tokens=parses)[:120]!r}")
    return total, bad, first


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--random", type=int, default=1000)
    options = parser.parse_args()
    vocabularies = os.path.join(options.corpus, "vocab")
    with open(os.path.join(vocabularies, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    differences = 0
    for vocabulary in manifest["vocabs"]:
        texts = golden_texts(vocabularies, vocabulary) + random_texts(options.random)
        for file in vocabulary["files"]:
            path = file["path"].removesuffix(".gz")
            if options.only not in path or file.get("role") == "config" or path.endswith("merges.txt"):
                continue
            flags = []
            if file.get("format") == "tiktoken":
                flags = ["--encoding", {"gpt2": "r50k_base"}.get(vocabulary["name"], vocabulary["name"])]
            total, bad, note = compare(options.cli, os.path.join(vocabularies, path), flags, texts)
            differences += bad
            print(f"{path}: {total} compared, {bad} differ{'; ' + note if note else ''}", flush=True)
    differences += compare_fixtures(options)
    sys.exit(1 if differences else 0)


def compare_fixtures(options):
    """The number of differences on the small SentencePiece models."""
    differences = 0
    with open(FIXTURE, encoding="utf-8") as lines:
        pool = json.loads(next(lines))["texts"] + random_texts(options.random)
        models = [json.loads(line) for line in lines]
    for model in models:
        if options.only not in model["name"]:
            continue
        with tempfile.NamedTemporaryFile(suffix=".model") as file:
            file.write(base64.b64decode(model["model"]))
            file.flush()
            library = sentencepiece.SentencePieceProcessor(model_file=file.name).encode
            total, bad, note = compare(options.cli, file.name, [], pool, library)
        refused = note.startswith("refused") == bool(model["lost"])
        differences += bad + (not refused)
        print(f"{model['name']}: {total} compared, {bad} differ{'; ' + note if note else ''}", flush=True)
    return differences


if __name__ == "__main__":
    main()
