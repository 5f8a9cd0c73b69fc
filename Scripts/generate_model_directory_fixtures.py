#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/ModelDirectories/folders.jsonl: what transformers' AutoTokenizer makes of
small model folders.

Each line is a folder: its files (text, or {"base64": …}), the texts that were encoded with and
without special tokens, alone and as a pair, and what transformers says of special tokens, added
tokens and chat templates. With --verify nothing is written and a stale file is an error.
"""
import argparse
import base64
import io
import json
import pathlib
import sys
import tempfile

import sentencepiece
import transformers

OUTPUT = (pathlib.Path(__file__).resolve().parent.parent
          / "Tests/Fixtures/ModelDirectories/folders.jsonl")
TEXTS = ["ab a", " ab  <s>a</s> b", "<think>  ab</think><pad>", "a<x>b <boi>Ab", "", "héllo ▁wörld"]


def flags(content, **others):
  return {"content": content, "lstrip": False, "normalized": False, "rstrip": False,
          "single_word": False, **others}


def tokenizer_json(**sections):
  words = ["▁", "a", "b", "h", "l", "o", "▁a", "ab", "▁ab", "<unk>", "<s>", "</s>"]
  vocabulary = {token: place for place, token in enumerate(words)}
  added = [{"id": vocabulary[name], **flags(name, special=True)} for name in ("<unk>", "<s>", "</s>")]
  return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
          "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
          "pre_tokenizer": None, "post_processor": None, "decoder": None,
          "model": {"type": "BPE", "vocab": vocabulary, "unk_token": "<unk>", "fuse_unk": True,
                    "merges": [["▁", "a"], ["▁a", "b"], ["a", "b"]]}, **sections}


def sentence_piece():
  model = io.BytesIO()
  lines = ["ab ab abba hello world wörld", "a b  c the theory", "hello <think> world"] * 20
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(lines), model_writer=model, vocab_size=300, model_type="bpe",
    byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
    user_defined_symbols=["<think>"], minloglevel=3, hard_vocab_limit=False, num_threads=1)
  return model.getvalue()


def template(begin):
  pieces = [{"SpecialToken": {"id": "<s>", "type_id": 0}}] if begin else []
  return {"type": "TemplateProcessing",
          "single": [*pieces, {"Sequence": {"id": "A", "type_id": 0}}],
          "pair": [*pieces, {"Sequence": {"id": "A", "type_id": 0}},
                   {"Sequence": {"id": "B", "type_id": 1}}],
          "special_tokens": {"<s>": {"id": "<s>", "ids": [10], "tokens": ["<s>"]}}}


def folders():
  plain = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
  decoder = {"10": flags("<s>", special=True), "20": flags("<think>", lstrip=True, special=False),
             "21": flags("</think>", normalized=True, special=False)}
  yield "nothing but a tokenizer", {"tokenizer.json": tokenizer_json()}
  yield "added_tokens_decoder", {
    "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {
      **plain, "pad_token": flags("<pad>", __type="AddedToken"), "boi_token": "<boi>",
      "additional_special_tokens": ["<x>"], "add_bos_token": True,
      "added_tokens_decoder": decoder}}
  yield "special_tokens_map and added_tokens", {
    "tokenizer.json": tokenizer_json(post_processor=template(True)),
    "tokenizer_config.json": {"bos_token": "<s>", "eos_token": "a"},
    "special_tokens_map.json": {"eos_token": flags("</s>"), "pad_token": "<pad>",
                                "additional_special_tokens": ["<x>"]},
    "added_tokens.json": {"<think>": 12, "<pad>": 13}}
  yield "special_tokens_map beside added_tokens_decoder", {
    "tokenizer.json": tokenizer_json(),
    "tokenizer_config.json": {**plain, "added_tokens_decoder": decoder},
    "special_tokens_map.json": {"pad_token": "<pad>", "eos_token": "a"}}
  for name, config in [("legacy", {"legacy": True}), ("not legacy", {"legacy": False}),
                       ("no word on legacy", {}), ("no prefix", {"add_prefix_space": False})]:
    yield f"LlamaTokenizer, {name}", {
      "tokenizer.json": tokenizer_json(post_processor=template(True)),
      "tokenizer_config.json": {**plain, **config, "tokenizer_class": "LlamaTokenizer"}}
  yield "LlamaTokenizer that names no tokens", {
    "tokenizer.json": tokenizer_json(added_tokens=[]),
    "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizerFast"}}
  yield "LlamaTokenizer of a Mistral model", {
    "tokenizer.json": tokenizer_json(), "config.json": {"model_type": "mistral"},
    "tokenizer_config.json": {**plain, "tokenizer_class": "LlamaTokenizer"}}
  yield "LlamaTokenizer of a byte-level file", {
    "tokenizer.json": tokenizer_json(decoder={
      "type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}),
    "tokenizer_config.json": {**plain, "tokenizer_class": "LlamaTokenizer"}}
  model = sentence_piece()
  for name, config in [("with begin", {"add_bos_token": True}),
                       ("with begin and end", {"add_bos_token": True, "add_eos_token": True}),
                       ("legacy", {"legacy": True, "add_eos_token": True})]:
    yield f"SentencePiece model {name}", {
      "tokenizer.model": model,
      "tokenizer_config.json": {**plain, **config, "tokenizer_class": "LlamaTokenizer"}}
  yield "chat template as text", {
    "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"chat_template": "A"}}
  yield "chat templates as list", {
    "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"chat_template": [
      {"name": "default", "template": "A"}, {"name": "tool_use", "template": "B"}]}}
  yield "chat templates as files", {
    "tokenizer.json": tokenizer_json(), "tokenizer_config.json": {"chat_template": "A"},
    "chat_template.jinja": "C", "additional_chat_templates/rag.jinja": "D"}


def content(value):
  if isinstance(value, bytes):
    return value
  return (value if isinstance(value, str) else json.dumps(value)).encode()


def line(name, files):
  with tempfile.TemporaryDirectory() as folder:
    for file, value in files.items():
      path = pathlib.Path(folder, file)
      path.parent.mkdir(exist_ok=True)
      path.write_bytes(content(value))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    templates = tokenizer.chat_template or {}
    pair = tokenizer(TEXTS[0], TEXTS[1], return_token_type_ids=True)
    return {
      "name": name,
      "files": {file: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes)
                else content(value).decode() for file, value in files.items()},
      "special": {key: getattr(tokenizer, key) for key in
                  ("bos_token", "eos_token", "pad_token", "unk_token")},
      "added": {str(id): [token.content, token.special, token.lstrip, token.rstrip,
                          token.normalized]
                for id, token in tokenizer.added_tokens_decoder.items()},
      "templates": templates if isinstance(templates, dict) else {"default": templates},
      "pair": {"ids": pair.input_ids, "types": pair.token_type_ids},
      "texts": [{"text": text, "ids": tokenizer.encode(text),
                 "plain": tokenizer.encode(text, add_special_tokens=False),
                 "decoded": tokenizer.decode(tokenizer.encode(text)),
                 "skipped": tokenizer.decode(tokenizer.encode(text), skip_special_tokens=True)}
                for text in TEXTS]}


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--verify", action="store_true")
  options = parser.parse_args()
  transformers.logging.set_verbosity_error()
  text = "".join(json.dumps(line(name, files)) + "\n" for name, files in folders())
  if options.verify:
    if OUTPUT.read_text() != text:
      sys.exit(f"{OUTPUT.name} is stale: run {pathlib.Path(__file__).name}")
    return
  OUTPUT.parent.mkdir(parents=True, exist_ok=True)
  OUTPUT.write_text(text)


if __name__ == "__main__":
  main()
