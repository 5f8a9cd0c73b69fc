# SPDX-License-Identifier: Apache-2.0
"""Random texts that Python and Swift make alike.

MatrixTexts.swift has the same rules; both read the pools from the fixture's first line.
"""
import unicodedata

MASK = (1 << 64) - 1


def fold(value, word):
  """One step of FNV-1a over 32-bit words."""
  return ((value ^ word) * 0x100000001B3) & MASK


def hash_bytes(data):
  value = 0xCBF29CE484222325
  for byte in data:
    value = fold(value, byte)
  return value


class Random:
  """SplitMix64 (Steele, Lea, Flood 2014)."""

  def __init__(self, name, index):
    self.state = (hash_bytes(name.encode()) + index * 0xD1B54A32D192ED03) & MASK

  def next(self):
    self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
    value = self.state
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)

  def below(self, bound):
    return (self.next() >> 33) % bound


COUNTS = [0, 1, 2, 3, 4, 6, 8, 12]


def text(random, pools, added):
  """A text of up to twelve pieces: fragments, scalars, runs and added tokens."""
  pieces = []
  for _ in range(COUNTS[random.below(8)]):
    kind = random.below(16)
    if kind >= 13 and added:
      pieces.append(added[random.below(len(added))])
    elif kind in (9, 10):
      value = random.below(0x110000 - 0x800)
      pieces.append(chr(value + 0x800 if value >= 0xD800 else value))
    else:
      pool = pools[random.below(len(pools))]
      fragment = pool[random.below(len(pool))]
      times = 1
      if kind in (11, 12):
        times = 2 + random.below(100 if random.below(20) == 0 else 8)
      pieces.append(fragment * times)
  return "".join(pieces)


WORDS = """the of and to in is that it was for on are as with his they at be this from have or by
one had not but what all were when we there can an your which their said if do will each about how
up out them then she many some so these would other into has more her two like him see time could
no make than first been its who now people my made over did down only way find use may water long
little very after words called just where most know get through back much before go good new write
our used me man too any day same right look think also around another came come work three word
must because does part even place well such here take why things help put years different away
again off went old number great tell men say small every found still between name should Mr home
big give air line set own under read last never us left end along while might next sound below saw
something thought both few those always looked show large often together asked house don't world
going want school important until form food keep children feet land side without boy once animals
life enough took four head above kind began almost live page got earth need far hand high year
mother light parts country father let night following picture being study second eyes soon times
story boys since white days ever paper hard near sentence better best across during today others
however sure means knew it's try told young miles sun ways thing whole hear example heard several
change answer room sea against top turned learn point city play toward five using himself usually""".split()


def pools():
  """Lists of fragments, each with a trap of its own."""
  result = [
    [word + space for word in WORDS[:120] for space in ("", " ")],
    [" " + word for word in WORDS[120:]],
    ["Hello", "WORLD", "camelCase", "snake_case", "naïve", "café", "e\u0301t\u00e9", "I'M", "they'LL",
     "don't", "we've", "'s", "'S", "'\u017f", "\u212aelvin", "İstanbul", "ıI", "ǅ", "Straße", "ΣΊΣΥΦΟΣ"],
    ["0", "7", "12", "345", "6789", "1234567", "3.14", "-1e9", "½", "²³", "①", "Ⅷ", "٣٤", "१२", "𝟙𝟚"],
    [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n", "\u00a0", "\u3000", "\u2003", "\u2028",
     "\u0085", "\u000b", "\u000c", "\u200b", "\u1680", "\ufeff", "\u180e"],
    list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["...", "--", "!!!", " .", " ,", " ?", " '", "«", "»",
     "“", "„", "—", "、", "。", "！", "¿", "§", "©", "€", "+=", "//", "#!", "=>"],
    ["\u0301", "\u0300", "\u0323", "\u030a", "\u0345", "\u0e33", "\u0e49", "\u05b8", "\u0651", "\u093c",
     "\u20d0", "\u0f71", "\u1ab0", "\u302a", "\U0001d165", "\u034f", "\ufe0f", "\U000e0100"],
    ["日本語", "漢字", "カタカナ", "ひらがな", "か\u3099", "ｶﾞ", "한국어", "\u1112\u1161\u11ab", "ㄱ", "中文", "𠀀", "豈"],
    ["Привет", "мир", "ελληνικά", "שלום", "مرحبا", "हिन्दी", "ไทย", "ქართული", "Հայերեն", "አማርኛ", "ខ្មែរ", "𐐀𐐨"],
    ["😀", "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪", "☺\ufe0f", "1\ufe0f\u20e3", "🏴\U000e0067\U000e007f", "⌚", "✨"],
    [chr(code) for code in range(0x20)] + ["\u007f", "\u0080", "\u009f", "\u00ad", "\u200d", "\u200e",
     "\u2066", "\ufff9", "\ufffd", "\ufffe", "\uffff", "\U0010ffff", "\ue000", "\U000f0000"],
    ["▁", "▁▁", " ▁", "▁ ", "▁a", "Ġ", "Ċ", "Ġthe", "<0x41>", "<0xE2>", "<unk>", "##a", "a</w>", "</w>",
     "ﬁ", "ﷺ", "Å", "Ω", "ｱ", "＃", "㎏", "ǆ", "\u1e9b\u0323", "\u2126", "\u0958", "\ufb1d", "\U0002f800"],
    ["aaaa", "abab", "-", "_", ".", "  a", "a  ", "a-b", "x=y;", "f(x)", "{\n  ", "https://a.b/c?d=e#f"],
  ]
  categories = {}
  # Every assigned code point belongs to one; every 37th keeps the lists short and mixed.
  for code in range(0, 0x110000):
    if 0xD800 <= code < 0xE000:
      continue
    categories.setdefault(unicodedata.category(chr(code)), []).append(code)
  for name in sorted(categories):
    codes = categories[name]
    step = max(1, len(codes) // 24)
    result.append([chr(code) for code in codes[::step][:24]])
  return result
