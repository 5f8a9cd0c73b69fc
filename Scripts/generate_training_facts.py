# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/Training/facts.jsonl: what Hugging Face's BpeTrainer
learns from small corpora of our own making, for many combinations of options.

    python Scripts/generate_training_facts.py [--verify]

--verify compares with the committed file and writes nothing. Needs the package `tokenizers`.
"""
import json
import os
import random
import sys

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(ROOT, "Tests/Fixtures/Training/facts.jsonl")


def corpora():
    draw = random.Random(20)
    syllables = ["ka", "lo", "mi", "ren", "sta", "tu", "vo", "ing", "er", "th", "qu", "ß", "é", "ñ"]
    words = ["".join(draw.choices(syllables, k=draw.randint(1, 5))) for _ in range(120)]
    letters = "aab"
    scripts = [
        "строка текста и ещё строка", "文字列を数える。文字を数える", "한국어 문장 그리고 문장",
        "ข้อความ ภาษาไทย ข้อความ", "नमस्ते दुनिया नमस्ते", "مرحبا بالعالم مرحبا", "👩‍👩‍👧 🙂🙂 👍🏽",
        "e\u0301a\u0308 \u00e9\u00e4", "ﬁ ℌ ① ²³ Ⅷ", "a\u00a0b\u2003c\u3000d\u2028e\u0085f",
    ]
    code = "def f(x):\n    if x == 10:\n\t\treturn  x\r\n\n\n  # it's we'll they've I'd I'm you're don't\n"
    return {
        "empty": [""],
        "one": ["a"],
        "repeated": ["aaaa aaaaaaa aa a aaaaaaaaaaaaaaaa"],
        "ties": ["ab ba cd dc ef fe abab baba cdcd efef"],
        "binary": [" ".join("".join(draw.choices(letters, k=draw.randint(1, 12))) for _ in range(80))],
        "syllables": [" ".join(draw.choices(words, k=300)) + "\n" for _ in range(4)],
        "scripts": [line + " " + line + "\n" for line in scripts],
        "code": [code, code.upper(), "x  y   z    \n", "   ", "\n\n", " ▁mark▁ed  ▁▁text "],
        "numbers": [" ".join(str(draw.randint(0, 99999)) for _ in range(200))],
    }


COMBINATIONS = [
    {}, {"min_frequency": 2}, {"min_frequency": 5}, {"vocab_size": 300}, {"vocab_size": 1},
    {"max_token_length": 2}, {"max_token_length": 3}, {"max_token_length": 5, "min_frequency": 3},
    {"special_tokens": ["<s>", "</s>", "ab", "a", "<s>"]},
    {"special_tokens": ["<x>"], "max_token_length": 8, "vocab_size": 340},
]


def build(form, options):
    special = list(options.get("special_tokens", []))
    arguments = dict(options, show_progress=False)
    arguments.setdefault("vocab_size", 700)
    if form == "byte-level":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        arguments["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet()
        arguments["special_tokens"] = special
    else:
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
        if "<unk>" not in special:
            special.insert(0, "<unk>")
        arguments["special_tokens"] = special + [f"<0x{byte:02X}>" for byte in range(256)]
    return tokenizer, trainers.BpeTrainer(**arguments)


def limits(corpus):
    """Alphabet limits at which no two letters of equal frequency fall on different sides."""
    from collections import Counter
    counts = sorted(Counter("".join(corpus).replace(" ", "▁")).values(), reverse=True)
    return [n for n in range(1, len(counts)) if counts[n - 1] > counts[n]][1:6:2]


def fnv1a(data):
    """The 64-bit FNV-1a hash, which the Swift test computes as well."""
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def facts():
    yield {"tokenizers": tokenizers.__version__, "corpora": corpora()}
    for name, corpus in corpora().items():
        for form in ("byte-level", "metaspace"):
            combinations = list(COMBINATIONS)
            if form == "metaspace" and name in ("syllables", "numbers"):
                joined = [" " + text if not text.startswith(" ") else text for text in corpus]
                combinations += [{"limit_alphabet": n} for n in limits(joined)]
            for options in combinations:
                tokenizer, trainer = build(form, options)
                tokenizer.train_from_iterator(corpus, trainer)
                model = json.loads(tokenizer.to_str())["model"]
                vocabulary = sorted(model["vocab"], key=model["vocab"].get)
                assert sorted(model["vocab"].values()) == list(range(len(vocabulary)))
                merges = [" ".join(pair) for pair in model["merges"]]
                text = "\n".join(vocabulary) + "\0" + "\n".join(merges)
                yield {
                    "corpus": name, "format": form, "options": options,
                    "tokens": len(vocabulary), "merges": len(merges), "first": merges[:12],
                    "fnv1a": fnv1a(text.encode()),
                }


def main():
    text = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts())
    if "--verify" in sys.argv:
        with open(TARGET, encoding="utf-8", newline="") as file:
            same = file.read() == text
        print("facts.jsonl:", "as committed" if same else "DIFFERS")
        sys.exit(not same)
    os.makedirs(os.path.dirname(TARGET), exist_ok=True)
    with open(TARGET, "w", encoding="utf-8", newline="") as file:
        file.write(text)


main()
