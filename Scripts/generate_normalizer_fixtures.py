#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/Normalization/huggingface.jsonl: what `tokenizers` makes of random texts.

The first line holds the precompiled charsmap. Each other line is {"steps", "text", "normalized",
"origins"}: the steps in our test's spelling, and for each scalar of the result the original's
byte range. With --verify nothing is written and a stale file is an error.
"""
import argparse
import base64
import io
import json
import pathlib
import random
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

OUTPUT = (pathlib.Path(__file__).resolve().parent.parent
          / "Tests/Fixtures/Normalization/huggingface.jsonl")
POOLS = [
  "abcXYZ 019.,'!", "éÅñßÇİıŁŸǅΣςЖй", "e\u0301a\u030a\u0323o\u0308\u0304n\u0303\u0315\u1dfa\u0344",
  " \t\n\r\u00a0\u2003\u3000\u200b\u0085\u000b\u2028\ufeff", "漢字カタガかな゙ｶﾞ한국어\u1100\u1161\u11a8",
  "ﬁ①½™Ⅷ㎏ﷺＡｂ", "😀👨‍👩‍👧🇩🇪👍🏽", "\u0000\u0001\u007f\u008f\u009f\ufffd\u2581\u00ad\ue000",
  "नमस्तेกำשָׁלוֹם\u05b8\u05c1العَرَبِيَّة", "\u11935\u11930\U00011935\U00011930\u32ff\ua7f2\u1c89ⅷK",
]
RULES = [
  ("ﬁ", "fi"), ("é", "e"), ("e\u0301", "E"), ("\u00ad", ""), ("a\u030a", "å"), ("½", "1/2"),
  ("①", "1"), ("が", "か"), ("漢字", "kanji"), ("ab", "x"), ("\u3000", " "), ("Å", "Aring"),
]
STEPS = [
  ["nfc"], ["nfd"], ["nfkc"], ["nfkd"], ["lowercase"], ["nfd", "stripAccents"], ["stripAccents"],
  ["strip:left"], ["strip:right"], ["strip:both"], ["prepend:▁"], ["prepend:a b"], ["nmt"],
  ["replace: :▁"], ["replace:ab:"], ["replace:a:bcd"], ["regex:\\s+: "], ["regex:[a-z]{1,2}:é"],
  ["regex:\\A:▁"], ["regex:x*:-"], ["bert:0000"], ["bert:1111"], ["bert:1000"], ["bert:0100"],
  ["bert:0010"], ["bert:0001"], ["bert:11n1"], ["byteLevel"], ["charsmap"],
  ["nfkc", "lowercase", "strip:both", "replace: :▁"], ["prepend:▁", "replace: :▁"],
  ["nfd", "stripAccents", "lowercase", "byteLevel"], ["charsmap", "nfc", "regex: {2,}: "],
  ["nmt", "nfkc", "prepend: "],
]


def charsmap():
  rules = pathlib.Path("/tmp/charsmap-rules.tsv")
  rules.write_text("".join(
    " ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new) + "\n"
    for old, new in RULES))
  model = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(["a b c d e f g"] * 10), model_writer=model, vocab_size=11,
    model_type="char", normalization_rule_tsv=str(rules), minloglevel=3)
  rules.unlink()
  spec = proto.ModelProto()
  spec.ParseFromString(model.getvalue())
  return spec.normalizer_spec.precompiled_charsmap


def charsmap_text():
  return base64.b64encode(charsmap()).decode()


def step(name, blob):
  kind, _, rest = name.partition(":")
  if kind in ("nfc", "nfd", "nfkc", "nfkd"):
    return getattr(normalizers, kind.upper())()
  if kind == "strip":
    return normalizers.Strip(rest != "right", rest != "left")
  if kind == "bert":
    flags = [{"0": False, "1": True, "n": None}[c] for c in rest]
    return normalizers.BertNormalizer(*flags)
  if kind in ("replace", "regex"):
    old, _, new = rest.rpartition(":")
    return normalizers.Replace(Regex(old) if kind == "regex" else old, new)
  if kind == "prepend":
    return normalizers.Prepend(rest)
  if kind == "charsmap":
    return normalizers.Precompiled(blob)
  return {"lowercase": normalizers.Lowercase, "stripAccents": normalizers.StripAccents,
          "nmt": normalizers.Nmt, "byteLevel": normalizers.ByteLevel}[kind]()


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--verify", action="store_true")
  parser.add_argument("--count", type=int, default=8, help="texts for each list of steps")
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--charsmap", help="a .model whose charsmap to take instead")
  parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
  options = parser.parse_args()
  blob = charsmap()
  if options.charsmap:
    spec = proto.ModelProto()
    spec.ParseFromString(pathlib.Path(options.charsmap).read_bytes())
    blob = spec.normalizer_spec.precompiled_charsmap
  generator = random.Random(options.seed)
  lines = [json.dumps({"charsmap": base64.b64encode(blob).decode()})]
  for names in STEPS:
    tokenizer = Tokenizer(models.WordLevel({"u": 0}, unk_token="u"))
    tokenizer.normalizer = normalizers.Sequence([step(name, blob) for name in names])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"(?m:[\s\S])"), "isolated")
    for _ in range(options.count):
      pools = generator.sample(POOLS, generator.randint(1, 4))
      text = "".join(generator.choice(generator.choice(pools))
                     for _ in range(generator.randint(0, 14)))
      normalized = tokenizer.normalizer.normalize_str(text)
      offsets = tokenizer.encode(text).offsets
      assert len(offsets) == len(normalized), (names, text, normalized, offsets)
      at = [len(text[:n].encode()) for n in range(len(text) + 1)]
      lines.append(json.dumps({
        "steps": names, "text": text, "normalized": normalized,
        "origins": [at[edge] for pair in offsets for edge in pair]}))
  text = "\n".join(lines) + "\n"
  if options.verify:
    if options.output.read_text() != text:
      sys.exit(f"{options.output.name} is stale: run {pathlib.Path(__file__).name}")
    return
  options.output.parent.mkdir(parents=True, exist_ok=True)
  options.output.write_text(text)


if __name__ == "__main__":
  main()
