#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/TextNormalization/Scalars/ScalarTables.swift.

Every code point is asked of the libraries whose tokenizers we reproduce (Hugging Face's
`tokenizers` with its Oniguruma, and `tiktoken` with Rust's regex), since each of them holds
Unicode tables of its own age. With --verify nothing is written and a stale file is an error.
"""
import argparse
import pathlib
import sys

import tiktoken
from tokenizers import Regex, normalizers, pre_tokenizers

OUTPUT = (pathlib.Path(__file__).resolve().parent.parent
          / "Sources/TextNormalization/Scalars/ScalarTables.swift")
HEADER = """// SPDX-License-Identifier: Apache-2.0

// Made by Scripts/generate_scalar_tables.py; do not edit.

/// What each scalar is, as the libraries that we reproduce have it: the categories and scripts of
/// Unicode 16, and their differences where a library is older or younger.
"""
CATEGORIES = ("Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp "
              "Cc Cf Cs Co").split()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcd"
SCRIPTS = """Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak
Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian
Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan
Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic
Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul
Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi
Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kayah_Li Kharoshthi Khitan_Small_Script
Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar
Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui
Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari
New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic
Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya
Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic
Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo
Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut
Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi
Zanabazar_Square""".split()
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, SCALARS))


def matched(pattern):
  """The code points that one of Oniguruma's classes holds."""
  splitter = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
  return {SCALARS[i] for _, (a, b) in splitter.pre_tokenize_str(TEXT) for i in range(a, b)}


def kept(splitter):
  """The code points that a pre-tokenizer takes away."""
  held = {SCALARS[i] for _, (a, b) in splitter.pre_tokenize_str(TEXT) for i in range(a, b)}
  return set(SCALARS) - held


def rust(pattern):
  """The code points that one of Rust's classes holds, through tiktoken's own regex."""
  ranks = {bytes([b]): b for b in range(256)}
  encoding = tiktoken.Encoding("probe", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
  return set(map(ord, bytes(encoding.encode(TEXT, disallowed_special=())).decode()))


def removed(normalizer, text_of=chr):
  return {c for c in SCALARS if normalizer.normalize_str(text_of(c)) == ""}


def ranges(points):
  result = []
  for point in sorted(points):
    if result and result[-1][1] == point - 1:
      result[-1][1] = point
    else:
      result.append([point, point])
  return result


def swift_ranges(name, doc, points):
  lines, line = [], " "
  for low, high in ranges(points):
    item = f" 0x{low:X}, 0x{high:X},"
    if len(line) + len(item) > 100:
      lines.append(line)
      line = "   "
    line = ("   " if line == " " else line) + item
  if line.strip():
    lines.append(line)
  body = "\n".join(lines)
  literal = f"[\n{body}\n  ]" if body else "[]"
  return f"  /// {doc}\n  static let {name}: [UInt32] = {literal}\n"


def encode(values, letters):
  runs, text = [], []
  for value in values:
    if runs and runs[-1][0] == value:
      runs[-1][1] += 1
    else:
      runs.append([value, 1])
  for value, count in runs:
    text.append(letters[value] + (str(count) if count > 1 else ""))
  return text


def wrapped(items):
  lines, line = [], ""
  for item in items:
    if len(line) + len(item) > 93:
      lines.append(line)
      line = ""
    line += item
  return "\\\n".join("    " + line for line in lines + [line])


def string(name, doc, items):
  return f'  /// {doc}\n  static let {name}: StaticString = """\n{wrapped(items)}\n    """\n\n'


def pairs():
  """Letter pairs number the scripts, so that one string holds them all."""
  return [chr(65 + n // 26) + chr(97 + n % 26) for n in range(26 * 26)]


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--verify", action="store_true")
  verify = parser.parse_args().verify

  category_of = [0] * 0x110000
  for number, name in enumerate(CATEGORIES):
    if name not in ("Cn", "Cs"):
      for point in matched(r"\p{%s}" % name):
        category_of[point] = number
  for point in range(0xD800, 0xE000):
    category_of[point] = CATEGORIES.index("Cs")

  def of(*names):
    wanted = {n for n, c in enumerate(CATEGORIES) if any(c.startswith(x) for x in names)}
    return {c for c in SCALARS if category_of[c] in wanted}

  script_of = [0] * 0x110000
  for number, name in enumerate(SCRIPTS):
    for point in matched(r"\p{%s}" % name):
      script_of[point] = number + 1

  for name in ("L", "M", "N", "P", "S", "Z", "Lu", "Ll", "Lo", "Nd"):
    assert rust(r"\p{%s}" % name) == of(name), name
  for name in ("Han", "Latin", "Cyrillic", "Hiragana", "Greek", "Common"):
    number = SCRIPTS.index(name) + 1
    assert rust(r"\p{%s}" % name) == {c for c in SCALARS if script_of[c] == number}, name
  white = matched(r"\s")
  assert white == rust(r"\s") == kept(pre_tokenizers.WhitespaceSplit())
  assert matched(r"\d") == rust(r"\d") == of("Nd")

  punctuation = kept(pre_tokenizers.Punctuation("removed"))
  accents = removed(normalizers.StripAccents())
  control = removed(normalizers.BertNormalizer(True, False, False, False))
  marks = removed(normalizers.BertNormalizer(False, False, True, False))
  digits = pre_tokenizers.Digits(True)
  numeric = {c for c in SCALARS if len(digits.pre_tokenize_str("a%sa" % chr(c))) == 3}
  assert not of("N") - numeric
  sets = [
    ("whiteSpace", "White_Space, as `\\s` has it everywhere.", white),
    ("onigurumaWord", "What Oniguruma's `\\w` has beside L, M, Nd, Nl, Pc.",
     matched(r"\w") - of("L", "M", "Nd", "Nl", "Pc")),
    ("rustWord", "What Rust's `\\w` has beside L, M, Nd, Nl, Pc.",
     rust(r"\w") - of("L", "M", "Nd", "Nl", "Pc")),
    ("punctuationAdded", "What `tokenizers` calls punctuation beside P.",
     punctuation - of("P")),
    ("punctuationRemoved", "P that is younger than the tables of `tokenizers`.",
     of("P") - punctuation),
    ("numericAdded", "What `tokenizers` calls a digit beside N.",
     numeric - of("N")),
    ("accentAdded", "What StripAccents removes beside M.", accents - of("M")),
    ("accentRemoved", "M that StripAccents keeps.", of("M") - accents),
    ("bertControlAdded", "What BertNormalizer removes beside Cc, Cf and Co.",
     control - of("Cc", "Cf", "Co")),
    ("bertControlRemoved", "Cc, Cf and Co that BertNormalizer keeps.",
     of("Cc", "Cf", "Co") - control),
    ("nonspacingAdded", "What BertNormalizer removes with the accents beside Mn.",
     marks - of("Mn")),
    ("nonspacingRemoved", "Mn that BertNormalizer keeps when it strips accents.",
     of("Mn") - marks),
  ]
  assert not of("L", "M", "Nd", "Nl", "Pc") - matched(r"\w") - rust(r"\w")

  groups = script_groups()
  text = HEADER + "enum ScalarTables {\n"
  text += string("categories", "The category of each scalar: a letter each, then the length of "
                 "its run.", encode(category_of, LETTERS))
  text += string("scripts", "The script of each scalar: two letters each, then the length of its "
                 "run; Aa is none.", encode(script_of, pairs()))
  text += string("scriptGroups", "The groups that the UnicodeScripts pre-tokenizer cuts between; "
                 "Aa goes with any.", encode(groups, pairs()))
  names = ", ".join(f'"{name.replace("_", "").lower()}"' for name in SCRIPTS)
  lines, line = [], "   "
  for item in names.split(", "):
    if len(line) + len(item) > 98:
      lines.append(line)
      line = "   "
    line += f" {item},"
  text += ("  /// The scripts' names without `_`, in the order of their numbers, from 1.\n"
           "  static let scriptNames: [String] = [\n" + "\n".join(lines + [line]) + "\n  ]\n\n")
  lines, line = [], "   "
  for item in lowercase_runs():
    if len(line) + len(item) > 98:
      lines.append(line)
      line = "   "
    line += f" {item},"
  text += ("  /// First, last, step and distance of the scalars with a lowercase one.\n"
           "  static let lowercase: [Int32] = [\n" + "\n".join(lines + [line]) + "\n  ]\n\n")
  text += "\n".join(swift_ranges(name, doc, points) for name, doc, points in sets) + "}\n"
  if verify:
    if OUTPUT.read_text() != text:
      sys.exit(f"{OUTPUT.name} is stale: run {pathlib.Path(__file__).name}")
    return
  OUTPUT.write_text(text)


def script_groups():
  """Numbers the sets between whose members UnicodeScripts cuts; 0 goes with any."""
  splitter = pre_tokenizers.UnicodeScripts()

  def together(left, right):
    return len(splitter.pre_tokenize_str(chr(left) + chr(right))) == 1

  groups, representatives = [0] * 0x110000, []
  for point in SCALARS:
    if together(0x61, point) and together(0x431, point):
      continue
    if point and groups[point - 1] and together(point - 1, point):
      groups[point] = groups[point - 1]
      continue
    for number, other in enumerate(representatives):
      if together(other, point):
        groups[point] = number + 1
        break
    else:
      representatives.append(point)
      groups[point] = len(representatives)
  return groups


def lowercase_runs():
  lower, runs = normalizers.Lowercase(), []
  for point in SCALARS:
    text = lower.normalize_str(chr(point))
    if text == chr(point):
      continue
    if point == 0x130:
      assert text == "i\u0307"  # the one that has two; ScalarCase knows it
      continue
    delta = ord(text) - point
    if runs and runs[-1][3] == delta:
      low, high, step, _ = runs[-1]
      if low == high and point - low <= 2 or point - high == step:
        runs[-1][1:3] = [point, point - high]
        continue
    runs.append([point, point, 1, delta])
  return [f"0x{low:X}, 0x{high:X}, {step}, {delta}" for low, high, step, delta in runs]


if __name__ == "__main__":
  main()
