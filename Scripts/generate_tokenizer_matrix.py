#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/TokenizerMatrix/matrix.jsonl: what `tokenizers` makes of thousands of random
texts, for every component and option of a tokenizer.json.

The first line has the text pools and the models. Each other line is a tokenizer: name, model, model
options, other sections, how it is run, `checks`, which has six bits for each text as a letter of
Base64, and `digests`, 64 bits over each 128 texts. TokenizerMatrixTests.swift makes the same texts,
encodes and decodes them, and names the first text whose bits differ.

With --verify nothing is written and a stale file is an error. --show NAME INDEX prints what the
reference makes of one text.
"""
import argparse
import json
import pathlib
import sys

from tokenizers import Tokenizer, decoders, models, trainers

import generate_normalizer_fixtures
from tokenizer_matrix import components, texts

OUTPUT = (pathlib.Path(__file__).resolve().parent.parent
          / "Tests/Fixtures/TokenizerMatrix/matrix.jsonl")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
COUNT = 2048
BLOCK = 128
BATCH = 16
STREAM = 12
SEED = 0xCBF29CE484222325
FAILED = 0xFFFFFFFF
NOTHING = 0xFFFFFFFE
MERGES = 700


def train(lines, byte_level):
  """Merges that cross white space and punctuation, so that every cut shows in the ids."""
  tokenizer = Tokenizer(models.BPE())
  if byte_level:
    lines = ["".join(ALPHABET[byte] for byte in line.encode()) for line in lines]
    letters = sorted(ALPHABET.values())
  else:
    lines = [line.replace(" ", "▁") for line in lines]
    letters = []
  trainer = trainers.BpeTrainer(
    vocab_size=100_000, initial_alphabet=letters, show_progress=False, min_frequency=3,
    max_token_length=6)
  tokenizer.train_from_iterator(lines, trainer)
  model = json.loads(tokenizer.to_str())["model"]
  return [tuple(pair) for pair in model["merges"]][:MERGES]


def byte_alphabet():
  plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
  others = [byte for byte in range(256) if byte not in plain]
  return {**{byte: chr(byte) for byte in plain},
          **{byte: chr(256 + place) for place, byte in enumerate(others)}}


ALPHABET = byte_alphabet()


def numbered(tokens):
  return {token: place for place, token in enumerate(dict.fromkeys(tokens))}


def make_models(pools):
  lines = [texts.text(texts.Random("training", index), pools[:13], []) for index in range(3000)]
  merges = train(lines, True)
  letters = list(ALPHABET.values())
  made = [left + right for left, right in merges]
  bytes_model = {"vocab": numbered(letters + made), "merges": merges}
  gaps = [ALPHABET[byte] for byte in (0x03, 0x0B, 0xE3, 0xF0, 0x81)]
  kept = [pair for pair in merges if not any(gap in "".join(pair) for gap in gaps)]
  without = [letter for letter in letters if letter not in gaps]
  merges = train(lines, False)
  scalars = sorted({scalar for pair in merges for part in pair for scalar in part})
  fallback = [f"<0x{byte:02X}>" for byte in range(256)]
  made = [left + right for left, right in merges]
  text = numbered(["<unk>", "<s>", "</s>", *fallback, *scalars, *made])
  result = {
    "bytes": bytes_model,
    "bytes-special": {**bytes_model, "vocab": numbered(
      ["<unk>", "<s>", "</s>", *letters, *("".join(pair) for pair in bytes_model["merges"])])},
    "bytes-gaps": {"vocab": numbered(without + ["".join(pair) for pair in kept]), "merges": kept},
    "fallback": {"vocab": text, "merges": merges, "unk_token": "<unk>", "byte_fallback": True},
    "gaps": {"vocab": numbered(token for token in text if token not in ("<0xE2>", "<0x0A>")),
             "merges": merges, "unk_token": "<unk>", "byte_fallback": True},
  }
  short = merges[:200]
  for name, prefix, suffix in [("prefix", "##", ""), ("suffix", "", "</w>"), ("affixes", "##", "</w>")]:
    result[name] = affixed(short, scalars, prefix, suffix)
  return result


def affixed(merges, scalars, prefix, suffix):
  """Every merge at the start of a word and inside it, open and at its end."""
  tokens = ["<unk>"]
  pairs = []
  for scalar in scalars:
    tokens += [scalar, prefix + scalar, scalar + suffix, prefix + scalar + suffix]
  for left, right in merges:
    for start in dict.fromkeys(["", prefix]):
      for end in dict.fromkeys(["", suffix]):
        pairs.append((start + left, prefix + right + end))
        tokens.append(start + left + right + end)
  known = set(tokens)
  pairs = [pair for pair in pairs if pair[0] in known and pair[1] in known]
  options = {"continuing_subword_prefix": prefix or None, "end_of_word_suffix": suffix or None}
  return {"vocab": numbered(tokens), "merges": pairs, "unk_token": "<unk>", **options}


def numbered_tokens(entry, all_models):
  """The entry with the ids of its added tokens, and with null for the sections that it lacks."""
  vocabulary = all_models[entry["model"]]["vocab"]
  sections = dict.fromkeys(["truncation", "padding", "normalizer", "pre_tokenizer",
                            "post_processor", "decoder"])
  sections = {"version": "1.0", **sections, **entry["sections"]}
  sections["added_tokens"] = [
    {"id": vocabulary.get(token["content"], len(vocabulary) + place), **token}
    for place, token in enumerate(sections.get("added_tokens") or [])]
  return {**entry, "sections": sections}


def definition(entry, all_models):
  """The whole tokenizer.json of an entry."""
  model = {"type": "BPE", **all_models[entry["model"]], **entry["options"]}
  return {**entry["sections"], "model": model}


class Recorder:
  """Turns results into words, and words into a hash."""

  def __init__(self):
    self.hash = SEED

  def word(self, word):
    self.hash = texts.fold(self.hash, word)

  def text(self, text):
    data = text.encode()
    self.word(len(data))
    for byte in data:
      self.word(byte)

  def encoding(self, encoding, run, top=True):
    self.word(len(encoding.ids))
    masks = zip(encoding.special_tokens_mask, encoding.attention_mask)
    for place, (special, attention) in enumerate(masks):
      self.word(encoding.ids[place])
      if run.get("offsets", True):
        start, end = encoding.offsets[place]
        self.word(start)
        self.word(end)
      self.word(encoding.type_ids[place])
      self.word(special | attention << 1)
    # Each piece holds again what follows it of the second text; the list itself has all.
    pieces = encoding.overflowing if top else []
    self.word(len(pieces))
    for piece in pieces:
      self.encoding(piece, run, top=False)


def attempt(body):
  """The result, or nothing where the reference refuses or panics."""
  try:
    return body()
  except BaseException as error:  # a panic of the library is no Exception
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
      raise
    return None


class Replay:
  """Runs one entry."""

  def __init__(self, entry, all_models, pools):
    self.entry, self.pools, self.run = entry, pools, entry["run"]
    self.tokenizer = Tokenizer.from_str(json.dumps(definition(entry, all_models)))
    self.size = self.tokenizer.get_vocab_size()
    self.added = [token["content"] for token in entry["sections"]["added_tokens"]]

  def inputs(self, index):
    random = texts.Random(self.entry["name"], index)
    first = texts.text(random, self.pools, self.added)
    if not self.run.get("pairs"):
      return first, random
    return (first, texts.text(random, self.pools, self.added)), random

  def encode(self, index):
    """The encodings of the texts from `index` on: one, or a batch."""
    count = BATCH if self.run.get("batch") else 1
    inputs = [self.inputs(place)[0] for place in range(index, index + count)]
    mode = index // count
    self.tokenizer.encode_special_tokens = mode & 2 != 0
    if self.run.get("batch"):
      return attempt(lambda: self.tokenizer.encode_batch(inputs, add_special_tokens=mode & 1 != 0))
    pair = inputs[0] if self.run.get("pairs") else (inputs[0],)
    encoding = attempt(lambda: self.tokenizer.encode(*pair, add_special_tokens=mode & 1 != 0))
    return None if encoding is None else [encoding]

  def decode_random(self, index):
    """Random ids and their text."""
    random = self.inputs(index)[1]
    ids = [random.below(self.size) for _ in range(random.below(10))]
    return ids, self.tokenizer.decode(ids, skip_special_tokens=index & 1 != 0)

  def chunks(self, encoding, index):
    """What a stream gives for each of the first tokens."""
    stream = decoders.DecodeStream(skip_special_tokens=index & 1 != 0)
    return [stream.step(self.tokenizer, token) for token in encoding.ids[:STREAM]]

  def record(self, encoding, index):
    recorder = Recorder()
    if encoding is None:
      recorder.word(FAILED)
    else:
      recorder.encoding(encoding, self.run)
      for skips in (False, True):
        recorder.text(self.tokenizer.decode(encoding.ids, skip_special_tokens=skips))
      for chunk in self.chunks(encoding, index) if self.run.get("stream", True) else []:
        recorder.word(NOTHING) if chunk is None else recorder.text(chunk)
    recorder.text(self.decode_random(index)[1])
    return recorder.hash

  def fixture_line(self):
    """The entry with its results, without streams where the reference fails to stream."""
    try:
      return self.line()
    except Exception as error:
      if "Invalid prefix" not in str(error):
        raise
      self.run["stream"] = False
      return self.line()

  def line(self):
    checks, digests = [], []
    step = BATCH if self.run.get("batch") else 1
    for index in range(0, COUNT, step):
      encodings = self.encode(index) or [None] * step
      for place, encoding in enumerate(encodings, index):
        value = self.record(encoding, place)
        checks.append(LETTERS[(value * 0x9E3779B97F4A7C15 & texts.MASK) >> 58])
        digest = SEED if place % BLOCK == 0 else digest
        digest = texts.fold(texts.fold(digest, value >> 32), value & 0xFFFFFFFF)
        if place % BLOCK == BLOCK - 1:
          digests.append(f"{digest:016x}")
    return {**self.entry, "checks": "".join(checks), "digests": digests}

  def show(self, index):
    step = BATCH if self.run.get("batch") else 1
    encodings = self.encode(index - index % step) or [None] * step
    encoding = encodings[index % step]
    print(f"{self.entry['name']}, text {index}: {ascii(self.inputs(index)[0])}")
    if encoding is None:
      print("refused")
    else:
      self.describe(encoding)
      for skips in (False, True):
        text = self.tokenizer.decode(encoding.ids, skip_special_tokens=skips)
        print("decoded", list(text.encode()))
      if self.run.get("stream", True):
        print("chunks", [list((chunk or "").encode()) for chunk in self.chunks(encoding, index)])
    ids, text = self.decode_random(index)
    print("random", ids)
    print("decoded", list(text.encode()))

  def describe(self, encoding, top=True):
    print("ids", encoding.ids)
    print("offsets", [list(pair) for pair in encoding.offsets])
    print("types", encoding.type_ids)
    print("special", encoding.special_tokens_mask)
    print("attention", encoding.attention_mask)
    for piece in encoding.overflowing if top else []:
      self.describe(piece, top=False)


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--verify", action="store_true")
  parser.add_argument("--only", default="", help="make only entries anew whose names hold this")
  parser.add_argument("--show", nargs=2, metavar=("NAME", "INDEX"))
  options = parser.parse_args()
  if options.show:
    header, *entries = map(json.loads, OUTPUT.read_text().splitlines())
    entry = next(entry for entry in entries if entry["name"] == options.show[0])
    return Replay(entry, header["models"], header["pools"]).show(int(options.show[1]))
  pools = texts.pools()
  all_models = make_models(pools)
  kept = {}
  if options.only:
    lines = OUTPUT.read_text().splitlines()[1:]
    kept = {json.loads(line)["name"]: line for line in lines}
  charsmap = generate_normalizer_fixtures.charsmap_text()
  lines = [json.dumps({"pools": pools, "models": all_models})]
  for entry in components.entries(charsmap):
    entry = numbered_tokens(entry, all_models)
    if entry["name"] in kept and options.only not in entry["name"]:
      lines.append(kept[entry["name"]])
      continue
    lines.append(json.dumps(Replay(entry, all_models, pools).fixture_line()))
    print(len(lines), entry["name"], file=sys.stderr)
  text = "\n".join(lines) + "\n"
  if options.verify:
    if OUTPUT.read_text() != text:
      sys.exit(f"{OUTPUT.name} is stale: run {pathlib.Path(__file__).name}")
    return
  OUTPUT.parent.mkdir(parents=True, exist_ok=True)
  OUTPUT.write_text(text)


if __name__ == "__main__":
  main()
