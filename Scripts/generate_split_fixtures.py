#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/SplitPatterns/matches.jsonl: where reference engines match patterns.

Each line is {"dialect", "pattern", "cases"}; a case is the text, the byte offsets of the edges of
all pieces, and the byte ranges of the matches that are not empty. Oniguruma is asked through
`tokenizers`; for fancy-regex, which cannot be asked from Python, the `regex` module stands in, on
characters that Unicode has had for long. With --verify nothing is written and a stale file is an
error.
"""
import argparse
import json
import pathlib
import random
import sys

import regex
from tokenizers import Regex, pre_tokenizers

OUTPUT = (pathlib.Path(__file__).resolve().parent.parent
          / "Tests/Fixtures/SplitPatterns/matches.jsonl")
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TAIL = r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*"
         rf"{CONTRACTIONS}|{TAIL}")
TEKKEN = O200K.replace(CONTRACTIONS, "").replace("{1,3}", "")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
KIMI = (r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" + TAIL)
DEEPSEEK3 = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
BOTH = [
  GPT2, CL100K, CL100K.replace("{1,3}", ""), O200K, TEKKEN, KIMI, DEEPSEEK3, r"[\r\n]", r"\s?\p{L}+",
  r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+", r"[0-9][0-9][0-9]", r" {2,}", r"\d|[aeiou]+", r"(?=[A-Z])",
  r"\w+|[^\w\s]+", r"\s+(?!\S)|\s+|\S+", r"\p{N}", r"[^\n]+|[\n]+", r"(?:ab|a)(?:bc|c)?", r"(a|b)*c",
  r"(?:a|ab)(?:c|bcd)(?:d*)", r"a??b", r"(?:a+?|b){2,3}x?", r"a{2,}?b", r"(?>a+|ab)c", r"(?>a*)b|a",
  r"\bab\b|\B\w", r"(?<=a)b|(?<!a)c", r"(?<=ab)c|(?<!b1)A", r"x*", r"(?:a|ab|abc)*?c", r"(?i:éa|Ωb|k)",
  r"(?i)ab|C", r"[^\S\n]+", r"\p{Lu}?\p{Ll}+|\p{Han}+|\P{L}",
  r"(?:(?:a?b?)c)+", r"(?![ab])\w|\s(?=\d)", r"(?:\p{L}\p{M}*)+", r"(?:a*)*b|(?:b?){3}a",
  r"[a-c&&b-d]+|[\d\p{L}&&[^é]]+", r"(?#note)a(?:\x41|\x{e9})?", r"(?x: a  b # c" + "\n | c )",
  r"a{,2}b{2}|{a}|\t?\u0031", r"(?<name>ab)+|(?:b|(?:a|1)+)+", r"(?:a+)+1",
]
ONIGURUMA = [
  r"^\s*|a$", r"^", r"$", r"(?m:a.b)|.", r"\h+", r"\R|\Z", r"\p{N}{1,3}+", r"\d{2}?a", r"a(?i)b|c",
  r"\p{^L}+", r"[[:digit:][:space:]]+", r"(?i:[^k]+)", r"\s+$",
]
RUST = [
  CL100K, O200K,
  r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
  r"|\s*[\r\n]|\s+(?!\S)|\s",
  r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
  r"(?s:a.)|(?m:^b)|.",
]
POOLS = [
  "abcABC", "aab bc", "  \t\n\r\n", "0123456789", "'s'T're'LL'ſ'm'd've", "éßÉΩωſKKk", ".,!?()[]-_/\\\"#{}",
  "漢字かなカナ", "한국어", "e\u0301\u0308", "\u00a0\u2003\u3000\u0085\u2028", "👍😀", "²½Ⅷ٣", "नमस्ते",
  "ǅʰªª", "aaaab111 x",
]


def byte_offsets(text):
  return [len(text[:n].encode()) for n in range(len(text) + 1)]


def oniguruma(pattern):
  isolated = pre_tokenizers.Split(Regex(pattern), "isolated")
  matches = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)

  def ask(text):
    edges = sorted({edge for _, pair in isolated.pre_tokenize_str(text) for edge in pair})
    return edges, [edge for _, pair in matches.pre_tokenize_str(text) for edge in pair]
  return ask


def stand_in(pattern):
  compiled = regex.compile(pattern, regex.V1)

  def ask(text):
    spans = [m.span() for m in compiled.finditer(text) if m.end() > m.start()]
    edges = {0, len(text)} | {edge for span in spans for edge in span} if text else set()
    return sorted(edges), [edge for span in spans for edge in span]
  return ask


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--verify", action="store_true")
  parser.add_argument("--count", type=int, default=12, help="texts for each pattern")
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
  options = parser.parse_args()
  generator = random.Random(options.seed)
  lines = []
  jobs = [("oniguruma", pattern, oniguruma(pattern)) for pattern in BOTH + ONIGURUMA]
  jobs += [("fancyRegex", pattern, stand_in(pattern)) for pattern in RUST]
  for dialect, pattern, ask in jobs:
    cases = []
    for _ in range(options.count):
      pools = generator.sample(POOLS, generator.randint(1, 5))
      text = "".join(generator.choice(generator.choice(pools))
                     for _ in range(generator.randint(1, 24)))
      at = byte_offsets(text)
      edges, matches = ask(text)
      cases.append([text, [at[n] for n in edges], [at[n] for n in matches]])
    lines.append(json.dumps({"dialect": dialect, "pattern": pattern, "cases": cases}))
  text = "\n".join(lines) + "\n"
  if options.verify:
    if options.output.read_text() != text:
      sys.exit(f"{options.output.name} is stale: run {pathlib.Path(__file__).name}")
    return
  options.output.parent.mkdir(parents=True, exist_ok=True)
  options.output.write_text(text)


if __name__ == "__main__":
  main()
