# SPDX-License-Identifier: Apache-2.0
"""The tokenizers of the matrix: a name, a model, its options and the other sections of a
tokenizer.json, each with one component or option switched on."""

BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(prefix=False, regex=True, trim=True):
  return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": regex}


def metaspace(scheme="always", split=True, mark="▁"):
  return {"type": "Metaspace", "replacement": mark, "prepend_scheme": scheme, "split": split}


def replace(pattern, content, regex=False):
  return {"type": "Replace", "pattern": {"Regex" if regex else "String": pattern},
          "content": content}


def split(pattern, behavior="Isolated", invert=False, regex=True):
  return {"type": "Split", "pattern": {"Regex" if regex else "String": pattern},
          "behavior": behavior, "invert": invert}


def normalizers(*steps):
  return {"type": "Sequence", "normalizers": list(steps)}


def pre_tokenizers(*steps):
  return {"type": "Sequence", "pretokenizers": list(steps)}


def decoders(*steps):
  return {"type": "Sequence", "decoders": list(steps)}


def processors(*steps):
  return {"type": "Sequence", "processors": list(steps)}


def added(content, **flags):
  token = {"content": content, "single_word": False, "lstrip": False, "rstrip": False,
           "normalized": False, "special": False}
  return {**token, **flags}


LLAMA_DECODER = decoders(
  replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"},
  {"type": "Strip", "content": " ", "start": 1, "stop": 0})
BOS_EOS = [added("<s>", special=True), added("</s>", special=True)]


def special(name, type_id=0):
  return {"SpecialToken": {"id": name, "type_id": type_id}}


def sequence(name, type_id=0):
  return {"Sequence": {"id": name, "type_id": type_id}}


def template(single, pair, tokens):
  return {"type": "TemplateProcessing", "single": single, "pair": pair,
          "special_tokens": {name: {"id": name, "ids": ids, "tokens": [name] * len(ids)}
                             for name, ids in tokens.items()}}


# <s> and </s> are the pieces 1 and 2 of the model with fallback.
TEMPLATE = template([special("<s>"), sequence("A"), special("</s>")],
                    [special("<s>"), sequence("A"), special("</s>"), sequence("B", 1),
                     special("</s>", 1)], {"<s>": [1], "</s>": [2]})


def entries(charsmap):
  """All tokenizers: (name, model, model options, sections, how to run them)."""
  result = []

  def add(name, model="fallback", options=None, run=None, **sections):
    if "decoder" not in sections:
      sections["decoder"] = byte_level() if model.startswith("bytes") else LLAMA_DECODER
    result.append({"name": name, "model": model, "options": options or {},
                   "sections": sections, "run": run or {}})

  normalize(add, charsmap)
  cut(add)
  model_options(add)
  process(add)
  decode(add)
  added_tokens(add)
  truncate_and_pad(add)
  return result


def normalize(add, charsmap):
  precompiled = {"type": "Precompiled", "precompiled_charsmap": charsmap}
  for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"]:
    add(f"normalizer {name}", normalizer={"type": name})
  for left, right in [(True, False), (False, True), (True, True)]:
    add(f"normalizer Strip {left} {right}",
        normalizer={"type": "Strip", "strip_left": left, "strip_right": right})
  for text in ["▁", "a b", "é"]:
    add(f"normalizer Prepend {text}", normalizer={"type": "Prepend", "prepend": text})
  for name, step in [("space", replace(" ", "▁")), ("word", replace("the", "")),
                     ("longer", replace("a", "bcd")), ("spaces", replace(r"\s+", " ", True)),
                     ("letters", replace("[a-z]{1,2}", "é", True)),
                     ("marks", replace(r"\p{M}+", "", True)), ("quote", replace("``|''", "\"", True)),
                     ("lines", replace(r"\r\n?", "\n", True))]:
    add(f"normalizer Replace {name}", normalizer=step)
  for index, flags in enumerate([(True, True, None, True), (True, False, True, False),
                                 (False, True, False, False), (False, False, None, True),
                                 (False, False, True, False), (True, True, False, True)]):
    clean, chinese, accents, lower = flags
    add(f"normalizer Bert {index}", normalizer={
      "type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
      "strip_accents": accents, "lowercase": lower})
  add("normalizer Precompiled", normalizer=precompiled)
  add("normalizer ByteLevel", "bytes", normalizer={"type": "ByteLevel"})
  add("normalizer ByteLevel with a pattern", "bytes", normalizer={"type": "ByteLevel"},
      pre_tokenizer=split("Ġ", "MergedWithNext", regex=False))
  nfd = {"type": "NFD"}
  for name, steps in [
      ("Llama", [{"type": "Prepend", "prepend": "▁"}, replace(" ", "▁")]),
      ("accents", [nfd, {"type": "StripAccents"}, {"type": "Lowercase"}]),
      ("T5", [precompiled, {"type": "Strip", "strip_left": False, "strip_right": True},
              replace(" {2,}", "▁", True)]),
      ("Nmt", [{"type": "Nmt"}, {"type": "NFKC"}, replace(" {2,}", " ", True)]),
      ("empty", [])]:
    add(f"normalizer Sequence {name}", normalizer=normalizers(*steps))
  for form in ["NFC", "NFKC"]:
    add(f"normalizer {form} of bytes", "bytes", normalizer={"type": form},
        pre_tokenizer=byte_level())
  add("normalizer Lowercase of bytes", "bytes", normalizer={"type": "Lowercase"},
      pre_tokenizer=byte_level())


def cut(add):
  steps = {"Whitespace": {"type": "Whitespace"}, "WhitespaceSplit": {"type": "WhitespaceSplit"},
           "BertPreTokenizer": {"type": "BertPreTokenizer"},
           "UnicodeScripts": {"type": "UnicodeScripts"},
           "Digits": {"type": "Digits", "individual_digits": False},
           "Digits individual": {"type": "Digits", "individual_digits": True},
           "CharDelimiterSplit": {"type": "CharDelimiterSplit", "delimiter": "a"},
           "CharDelimiterSplit wide": {"type": "CharDelimiterSplit", "delimiter": "▁"},
           "FixedLength 1": {"type": "FixedLength", "length": 1},
           "FixedLength 5": {"type": "FixedLength", "length": 5}}
  for behavior in BEHAVIORS:
    steps[f"Punctuation {behavior}"] = {"type": "Punctuation", "behavior": behavior}
    for invert in [False, True]:
      suffix = f"{behavior}{' inverted' if invert else ''}"
      steps[f"Split text {suffix}"] = split("the", behavior, invert, regex=False)
      steps[f"Split space {suffix}"] = split(" ", behavior, invert, regex=False)
      steps[f"Split words {suffix}"] = split(r"\w+|[^\w\s]+", behavior, invert)
      steps[f"Split empty matches {suffix}"] = split(r"[0-9]*", behavior, invert)
  for name, step in steps.items():
    add(f"pre-tokenizer {name}", pre_tokenizer=step)
    if "Split" not in name or "words" in name:
      add(f"pre-tokenizer {name} of bytes", "bytes",
          pre_tokenizer=pre_tokenizers(step, byte_level(regex=False)))
  for name, pattern in [("GPT-2", GPT2), ("cl100k", CL100K), ("lines", r"[^\r\n]+|[\r\n]+"),
                        ("ideographs", r"[一-龥ࠀ-一가-퟿]+"), ("look-behind", r"(?<=\p{L})\p{N}+"),
                        ("anchors", r"^\s+|\s+$|\b"), ("lazy", r"a.*?e|\s"),
                        ("case", r"(?i)THE|o(?-i:F)")]:
    add(f"pre-tokenizer Split {name}", pre_tokenizer=split(pattern))
  for scheme in ["always", "first", "never"]:
    for splits in [True, False]:
      add(f"pre-tokenizer Metaspace {scheme} {splits}", pre_tokenizer=metaspace(scheme, splits),
          decoder=metaspace(scheme, splits), added_tokens=BOS_EOS)
  add("pre-tokenizer Metaspace other mark", pre_tokenizer=metaspace("always", True, "_"),
      decoder=metaspace("always", True, "_"))
  for prefix in [False, True]:
    for regex in [False, True]:
      for trim in [False, True]:
        step = byte_level(prefix, regex, trim)
        add(f"pre-tokenizer ByteLevel {prefix} {regex} {trim}", "bytes", pre_tokenizer=step,
            post_processor=step)
  for name, parts in [
      ("Falcon", [{"type": "Punctuation", "behavior": "Contiguous"}, byte_level(),
                  {"type": "Digits", "individual_digits": False}, split("[0-9][0-9][0-9]")]),
      ("StarCoder", [{"type": "Digits", "individual_digits": True}, byte_level()]),
      ("Llama 3", [split(CL100K), byte_level(regex=False)]),
      ("DeepSeek", [split(r"[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"),
                    {"type": "Digits", "individual_digits": True}, byte_level(regex=False)]),
      ("bytes twice", [byte_level(), byte_level(regex=False)])]:
    add(f"pre-tokenizer Sequence {name}", "bytes", pre_tokenizer=pre_tokenizers(*parts))
  add("pre-tokenizer Sequence Metaspace", pre_tokenizer=pre_tokenizers(
    {"type": "WhitespaceSplit"}, metaspace()))
  add("pre-tokenizer Sequence Punctuation", pre_tokenizer=pre_tokenizers(
    {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": True},
    metaspace("first")))


def model_options(add):
  words = {"type": "Whitespace"}
  add("model plain")
  add("model bytes without pre-tokenizer", "bytes", run={"offsets": False})
  add("model ignore_merges", options={"ignore_merges": True}, pre_tokenizer=words)
  add("model ignore_merges of bytes", "bytes", {"ignore_merges": True}, pre_tokenizer=byte_level())
  add("model without byte_fallback", options={"byte_fallback": False})
  add("model fuse_unk", options={"byte_fallback": False, "fuse_unk": True})
  add("model fuse_unk in words", options={"byte_fallback": False, "fuse_unk": True},
      pre_tokenizer=words)
  # The reference's offsets after a character that is dropped are shifted.
  add("model without unk_token", options={"byte_fallback": False, "unk_token": None},
      run={"offsets": False})
  # The reference counts offsets in the order of the tokens, where an unknown one may stand late.
  add("model byte_fallback incomplete", "gaps", run={"offsets": False})
  add("model byte_fallback incomplete and fuse_unk", "gaps", {"fuse_unk": True},
      run={"offsets": False})
  add("model byte_fallback incomplete without unk_token", "gaps", {"unk_token": None},
      run={"offsets": False})
  add("model bytes incomplete", "bytes-gaps", pre_tokenizer=byte_level(), run={"offsets": False})
  add("model bytes incomplete with unk_token", "bytes-gaps", {"unk_token": "a"},
      pre_tokenizer=byte_level())
  add("model bytes incomplete with fuse_unk", "bytes-gaps", {"unk_token": "a", "fuse_unk": True},
      pre_tokenizer=byte_level())
  for name, model, decoder in [
      ("continuing_subword_prefix", "prefix", {"type": "WordPiece", "prefix": "##", "cleanup": True}),
      ("end_of_word_suffix", "suffix", {"type": "BPEDecoder", "suffix": "</w>"}),
      ("both affixes", "affixes", {"type": "BPEDecoder", "suffix": "</w>"})]:
    add(f"model {name}", model, pre_tokenizer=words, decoder=decoder)
    add(f"model {name} and fuse_unk", model, {"fuse_unk": True}, pre_tokenizer=words,
        decoder=decoder)
    add(f"model {name} over whole texts", model, decoder=decoder)
  add("model empty affixes", options={"continuing_subword_prefix": "", "end_of_word_suffix": ""})


def process(add):
  spaced = {"pre_tokenizer": byte_level(True), "added_tokens": BOS_EOS}
  roberta = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}
  bert = {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}
  many = template([special("<s>", 3), special("x", 7), sequence("A", 2)],
                  [sequence("B", 1), special("<s>"), sequence("A"), special("x", 4)],
                  {"<s>": [1], "x": [5, 6, 7]})
  twice = template([sequence("A"), special("</s>"), sequence("A", 1)],
                   [sequence("A"), sequence("B", 1), sequence("A", 2)], {"</s>": [2]})
  begin = template([special("<s>"), sequence("A")],
                   [special("<s>"), sequence("A"), special("<s>", 1), sequence("B", 1)],
                   {"<s>": [1]})
  for pairs in [False, True]:
    run = {"pairs": pairs}
    suffix = " pairs" if pairs else ""
    for name, step in [("Template", TEMPLATE), ("Template many ids", many), ("Template begin", begin),
                       ("Template twice", twice), ("Bert", bert)]:
      add(f"post-processor {name}{suffix}", run=run, added_tokens=BOS_EOS, post_processor=step,
          pre_tokenizer={"type": "Whitespace"})
    for trim in [False, True]:
      for prefix in [False, True]:
        step = {**roberta, "trim_offsets": trim, "add_prefix_space": prefix}
        add(f"post-processor Roberta {trim} {prefix}{suffix}", "bytes-special", run=run,
            post_processor=step, **spaced)
      add(f"post-processor ByteLevel {trim}{suffix}", "bytes-special", run=run,
          post_processor=byte_level(True, True, trim), **spaced)
    add(f"post-processor none{suffix}", run=run, added_tokens=BOS_EOS)
    add(f"post-processor Sequence{suffix}", "bytes-special", run=run,
        post_processor=processors(byte_level(trim=True), TEMPLATE), **spaced)
    add(f"post-processor Sequence of two{suffix}", run=run, added_tokens=BOS_EOS,
        post_processor=processors(TEMPLATE, bert))


def decode(add):
  steps = {
    "none": None, "ByteFallback": {"type": "ByteFallback"}, "Fuse": {"type": "Fuse"},
    "Strip start": {"type": "Strip", "content": "a", "start": 2, "stop": 0},
    "Strip wide": {"type": "Strip", "content": "▁", "start": 1, "stop": 0},
    "Replace text": replace("▁", " "), "Replace pattern": replace("[aeiou]", "<>", True),
    "BPEDecoder": {"type": "BPEDecoder", "suffix": "e"},
    "WordPiece": {"type": "WordPiece", "prefix": "t", "cleanup": False},
    "WordPiece cleanup": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "CTC": {"type": "CTC", "pad_token": "<unk>", "word_delimiter_token": "▁", "cleanup": True},
    "CTC raw": {"type": "CTC", "pad_token": "a", "word_delimiter_token": "▁", "cleanup": False},
    "Sequence": decoders({"type": "ByteFallback"}, replace("▁", " "), {"type": "Fuse"}),
    "Sequence Metaspace": decoders({"type": "ByteFallback"}, metaspace("first"), {"type": "Fuse"}),
    "ByteLevel of text": byte_level(),
  }
  for scheme in ["always", "first", "never"]:
    steps[f"Metaspace {scheme}"] = metaspace(scheme)
  for name, step in steps.items():
    add(f"decoder {name}", decoder=step, pre_tokenizer=metaspace(), added_tokens=BOS_EOS)
  add("decoder ByteLevel", "bytes", pre_tokenizer=byte_level(), added_tokens=[
    added("<s>", special=True), added("ü"), added("Ġb"), added("日", normalized=True)])
  add("decoder Sequence of ByteLevel", "bytes", pre_tokenizer=byte_level(),
      decoder=decoders(byte_level()))


def added_tokens(add):
  words = ["<a>", "[tok]", "the", "the of", "<aa>", "é", "e\u0301", "▁x", " sp ", "THE", "日本"]
  for flag in [None, "lstrip", "rstrip", "single_word", "normalized", "special"]:
    flags = {flag: True} if flag else {}
    tokens = [added(word, **flags) for word in words]
    add(f"added {flag or 'plain'}", added_tokens=tokens)
    add(f"added {flag or 'plain'} of bytes", "bytes", added_tokens=tokens,
        pre_tokenizer=byte_level())
    for name, step in [("Lowercase", {"type": "Lowercase"}), ("NFC", {"type": "NFC"}),
                       ("Llama", normalizers({"type": "Prepend", "prepend": "▁"},
                                             replace(" ", "▁")))]:
      add(f"added {flag or 'plain'} with {name}", added_tokens=tokens, normalizer=step)
  both = {"lstrip": True, "rstrip": True}
  add("added both strips", added_tokens=[added(word, **both) for word in words])
  add("added special both strips and single_word", added_tokens=[
    added(word, special=True, single_word=True, **both) for word in words])
  add("added mixed", normalizer={"type": "Lowercase"}, added_tokens=[
    added(word, lstrip=place % 2 == 0, rstrip=place % 3 == 0, normalized=place % 2 == 1,
          special=place % 4 == 0, single_word=place % 5 == 0) for place, word in enumerate(words)])
  add("added over Metaspace first", pre_tokenizer=metaspace("first", False),
      added_tokens=[added(word, normalized=place % 2 == 0) for place, word in enumerate(words)])
  add("added over prefix space", "bytes", pre_tokenizer=byte_level(True),
      added_tokens=[added(word) for word in words])


def truncate_and_pad(add):
  sections = {"added_tokens": BOS_EOS, "post_processor": TEMPLATE, "pre_tokenizer": {"type": "Whitespace"}}

  def truncation(length, stride=0, strategy="LongestFirst", direction="Right"):
    return {"max_length": length, "stride": stride, "strategy": strategy, "direction": direction}

  def padding(strategy, direction="Right", multiple=None):
    return {"strategy": strategy, "direction": direction, "pad_to_multiple_of": multiple,
            "pad_id": 4, "pad_type_id": 3, "pad_token": "<pad>"}

  for direction in ["Right", "Left"]:
    for length, stride in [(7, 0), (12, 3), (3, 0), (40, 10)]:
      add(f"truncation {length} {stride} {direction}", run={"pairs": False},
          truncation=truncation(length, stride, direction=direction), **sections)
    for strategy in ["LongestFirst", "OnlyFirst", "OnlySecond"]:
      for length, stride in [(9, 0), (16, 2)]:
        add(f"truncation {strategy} {length} {stride} {direction} pairs", run={"pairs": True},
            truncation=truncation(length, stride, strategy, direction), **sections)
    for name, strategy in [("longest", "BatchLongest"), ("fixed", {"Fixed": 11})]:
      for multiple in [None, 8]:
        for pairs in [False, True]:
          add(f"padding {name} {multiple} {direction}{' pairs' if pairs else ''}",
              run={"pairs": pairs, "batch": True},
              padding=padding(strategy, direction, multiple), **sections)
    add(f"truncation and padding {direction}", run={"pairs": True, "batch": True},
        truncation=truncation(14, 4, direction=direction),
        padding=padding("BatchLongest", direction, 4), **sections)
  add("truncation of bytes", "bytes-special", truncation=truncation(10, 2), added_tokens=BOS_EOS,
      post_processor=processors(byte_level(), TEMPLATE), pre_tokenizer=byte_level(True))
  add("truncation stride too large", truncation=truncation(6, 5), **sections)
