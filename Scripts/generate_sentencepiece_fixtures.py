#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/SentencePiece/models.jsonl: small BPE models, and what the sentencepiece library
makes of some texts with each.

The first line has the texts. Each other line is a model: name, the file in Base64, the ids of every
text, the text of these ids where it is another, and `lost`, the field that a tokenizer.json has no words
for, if any. With --verify nothing is written and a stale file is an error.
"""
import argparse
import base64
import contextlib
import io
import json
import pathlib
import random
import sys
import tempfile

import sentencepiece

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/SentencePiece/models.jsonl"
CORPUS = ["the theory of the other", "hello world, hello there", "a b  c abba abc ab", "naïve café 1234567890",
          "日本語の本を読む", "x = [1, 2, 3]; <s> </s> <0x0A> [REF] {value}", "don't we'll they've  I'm",
          "ﬁne ①②③ ＡＢＣ é e\u0301 Å", "<table><tr> </table> & more\ttabs"] * 20

# Rules of a normalizer: what touches other rules cannot be told one after the other.
TOUCHING = {"ab": "X", "abc": "Y", "é": "e", "e\u0301": "e", "①": "1", "ﬁ": "fi", "\u200b": "", "\u3000": " ", "\t": " "}
APART = {"①": "1", "②": "2", "ﬁ": "fi", "\u3000": " ", "\t": " ", "(c)": "©", "Å": "A\u030A"}

MODELS = {
  "identity": {},
  "extra spaces": {"remove_extra_whitespaces": True},
  "no prefix": {"add_dummy_prefix": False},
  "no fallback": {"byte_fallback": False},
  "control symbols": {"control_symbols": ["[INST]", "<ctl>"]},
  "other names": {"bos_id": 3, "eos_id": 2, "unk_id": 1, "pad_id": 0, "bos_piece": "<BOS>", "unk_piece": "<UNK>",
                  "unk_surface": "??"},
  "user-defined": {"user_defined_symbols": ["[REF]", "[/REF]", "[REF", "▁▁", "▁▁▁▁", "\n", "\n\n", "the", "日本", "A"]},
  "user-defined without fallback": {"user_defined_symbols": ["[REF]", "🦄", "▁▁"], "byte_fallback": False},
  "user-defined without prefix": {"user_defined_symbols": ["[REF]", "▁▁", "\n", "the cat"], "add_dummy_prefix": False},
  "user-defined and extra spaces": {"user_defined_symbols": ["[REF]", "▁▁", "日本"], "remove_extra_whitespaces": True},
  "user-defined with spaces": {"user_defined_symbols": ["[REF]", "the ", "  "], "remove_extra_whitespaces": True},
  "table of rules that touch": {"rules": TOUCHING},
  "table of rules apart": {"rules": APART},
  "table and extra spaces": {"rules": {"①": "1", "\t": " ", "\u3000": " ", "\u200b": ""}, "remove_extra_whitespaces": True},
  "table and user-defined": {"rules": APART, "user_defined_symbols": ["[REF]", "hello"]},
  "table and user-defined that it changes": {"rules": APART, "user_defined_symbols": ["①", "ﬁ", "[REF]"]},
}
LOST = {"user-defined with spaces": "pieces", "table of rules that touch": "normalizer_spec.precompiled_charsmap",
        "table and user-defined that it changes": "normalizer_spec.precompiled_charsmap"}


def train(options):
  """A model as bytes; the path of its rules is a part of them, so it is always the same."""
  options = dict(options)
  rules = options.pop("rules", None)
  model = io.BytesIO()
  with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
    if rules:
      def spelt(text):
        return " ".join(f"{ord(scalar):X}" for scalar in text)
      lines = [f"{spelt(key)}\t{spelt(text)}\n" for key, text in rules.items()]
      pathlib.Path("rules.tsv").write_text("".join(lines))
      options["normalization_rule_tsv"] = "rules.tsv"
    settings = {"byte_fallback": True, "remove_extra_whitespaces": False,
                "normalization_rule_name": "identity", **options}
    sentencepiece.SentencePieceTrainer.train(
      sentence_iterator=iter(CORPUS), model_writer=model, vocab_size=420, model_type="bpe",
      minloglevel=3, hard_vocab_limit=False, num_threads=1, character_coverage=1.0, **settings)
  return model.getvalue()


def texts():
  source = random.Random(20261121)
  words = ["hello", "World", " the", "the", "the ", "theory", "the cat", "'ve", "123456", "  ", "   ", "    ", "\n", "\n\n",
           "\t", "é", "e\u0301", "\u0301", "日本語", "日本", "🦄", "<s>", "</s>", "<unk>", "<BOS>", "[INST]", "[REF]", "[/REF]",
           "[REF", "REF]", "▁", "▁▁", "▁▁▁▁", "aaaa", "abc", "ab", "<0x0A>", "\u00a0", "①", "①\u0301", "②", "ﬁ", "Å", "(c)",
           "(", "\u3000", "\u200b", "\u0000", "<ctl>", "A", "a", " "]
  result = ["", *words, " a", "a ", "[REF]a", "[REF]<s>[REF]", "[REF]<0x0A>[REF]", "[REF]</s>", "▁ ", " ▁"]
  for _ in range(180):
    result.append("".join(source.choice(words) for _ in range(source.randrange(2, 9))))
  return result


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--verify", action="store_true")
  options = parser.parse_args()
  pool = texts()
  lines = [{"sentencepiece": sentencepiece.__version__, "texts": pool}]
  for name, settings in MODELS.items():
    model = train(settings)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    ids = [processor.encode(text) for text in pool]
    decoded = {str(place): processor.decode(row) for place, (row, text) in enumerate(zip(ids, pool))
               if processor.decode(row) != text}
    lines.append({"name": name, "model": base64.b64encode(model).decode(), "lost": LOST.get(name), "ids": ids,
                  "decoded": decoded})
  content = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
  if options.verify:
    if OUTPUT.read_text() != content:
      sys.exit(f"{OUTPUT} is stale; run {sys.argv[0]}")
  else:
    OUTPUT.write_text(content)


if __name__ == "__main__":
  main()
