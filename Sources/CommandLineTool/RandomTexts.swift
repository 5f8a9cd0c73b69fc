// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// Texts that encoders are likely to disagree on, drawn by a seed.
///
/// A text is made of a few kinds of parts: white space, contractions, digits, punctuation, scripts,
/// marks, tokens of the vocabulary, letters that are drawn one by one, and any scalars at all. Most
/// are short; one of 64 has several thousand bytes, and one of 256 a word as long.
struct RandomTexts {
  private static let parts: [String] = [
    " ", "  ", "   ", "    ", "\t", "\n", "\r\n", "\n\n", " \n", "'", "'s", "'LL", "’s", "1", "23",
    "4567", ".", "...", "--", "/", "//", "a", "the", "The", "THE", " of", "é", "e\u{301}", "ſ", "ß",
    "日", "本語", "中文", "ひらがな", "カタカナ", "한국", "я", "Привет", "\u{A0}", "\u{2028}", "\u{200D}",
    "😀", "👩\u{200D}👩", "▁", "\u{301}", "\u{600}", "ﬁ", "<", "<0x0A>", "_", "ab", "aaaa", "\u{0}",
  ]
  private static let alphabets: [ClosedRange<UInt32>] = [
    0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x20...0x7E, 0xC0...0x17F, 0x3B1...0x3C9, 0x430...0x44F,
    0x5D0...0x5EA, 0x621...0x64A, 0x905...0x939, 0xE01...0xE2E, 0x3041...0x3093, 0x30A1...0x30F6,
    0x4E00...0x9FA5, 0xAC00...0xD7A3, 0x1F300...0x1F64F, 0x80...0x2FFF, 0x10000...0x10FFFF,
  ]

  private let tokenizer: Tokenizer
  private let identifierBound: Int
  private var state: UInt64

  init(_ tokenizer: Tokenizer, seed: UInt64) {
    self.tokenizer = tokenizer
    identifierBound = max(tokenizer.identifierBound, 1)
    state = seed
  }

  /// The next text, UTF-8.
  mutating func next() -> [UInt8] {
    let kinds = (0...draw(5)).map { _ in draw(4) }
    let chosen = kinds.map { part(ofKind: $0) }
    var text: [UInt8] = []
    switch draw(256) {
    case 0:
      while text.count < 3000 + draw(6000) { text += scalars(upTo: 12) }
    case 1...4:
      while text.count < 2000 + draw(6000) { text += part(ofKind: draw(4)) }
    default:
      for _ in 0...draw([2, 4, 8, 16, 40][draw(5)]) {
        text += draw(3) == 0 ? part(ofKind: draw(4)) : chosen[draw(chosen.count)]
      }
    }
    return text
  }

  private mutating func part(ofKind kind: Int) -> [UInt8] {
    switch kind {
    case 0: Array(Self.parts[draw(Self.parts.count)].utf8)
    case 1: token()
    case 2: scalars(upTo: 24)
    default: Array(Self.parts[draw(12)].utf8) + token()
    }
  }

  /// A token's bytes, if they are text.
  private mutating func token() -> [UInt8] {
    let bytes = tokenizer.bytes(of: TokenID(draw(identifierBound))) ?? []
    return String(validating: bytes, as: UTF8.self) == nil ? [0x20] : bytes
  }

  /// Some scalars of one alphabet.
  private mutating func scalars(upTo count: Int) -> [UInt8] {
    let alphabet = Self.alphabets[draw(Self.alphabets.count)]
    let size = Int(alphabet.upperBound - alphabet.lowerBound) + 1
    let few = draw(2) == 0 ? min(size, 3) : size
    let start = alphabet.lowerBound + UInt32(draw(size - few + 1))
    var result = String.UnicodeScalarView()
    for _ in 0...draw(count) {
      if let scalar = Unicode.Scalar(start + UInt32(draw(few))) { result.append(scalar) }
    }
    return Array(String(result).utf8)
  }

  /// A number below a bound (SplitMix64; Steele, Lea, Flood 2014).
  private mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    value ^= value >> 31
    return Int(value.multipliedFullWidth(by: UInt64(bound)).high)
  }
}
