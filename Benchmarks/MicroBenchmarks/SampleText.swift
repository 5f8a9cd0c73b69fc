// SPDX-License-Identifier: Apache-2.0

import Dialect
import Glibc

/// Texts that are the same on every machine: tokens of the byte-level vocabulary, frequent ones more
/// often, drawn from a seed.
enum SampleText {
  static let byteCount = 1 << 18

  /// Words with spaces, every sixth of two tokens or more, commas, full stops and numbers.
  static func prose(byteCount: Int = byteCount) throws -> [UInt8] {
    let words = try tokens { bytes in
      bytes.count > 2 && bytes[0] == UInt8(ascii: " ")
        && bytes.dropFirst().allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
    }
    return text(byteCount: byteCount) { numbers, text in
      // A metaspace vocabulary takes a space at the beginning for its own.
      text += numbers.draw(from: words).dropFirst(text.isEmpty ? 1 : 0)
      if numbers.below(6) == 0 { text += numbers.draw(from: words).dropFirst() }
      if numbers.below(12) == 0 { text += Array(",".utf8) }
      if numbers.below(15) == 0 { text += Array(".".utf8) }
      if numbers.below(40) == 0 { text += Array(" \(numbers.below(10_000))".utf8) }
      if numbers.below(150) == 0 { text += Array(".\n\n".utf8) }
    }
  }

  /// Words without spaces, of Kana, Han and their marks.
  static func unspaced() throws -> [UInt8] {
    let words = try tokens { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      return text.utf8.elementsEqual(bytes)
        && text.unicodeScalars.allSatisfy { (0x3041...0x9FFF).contains($0.value) }
    }
    return text(byteCount: byteCount) { numbers, text in
      text += numbers.draw(from: words)
      if numbers.below(8) == 0 { text += Array("、".utf8) }
      if numbers.below(20) == 0 { text += Array("。\n".utf8) }
    }
  }

  /// Bytes that are mostly not UTF-8.
  static func randomBytes() -> [UInt8] {
    text(byteCount: byteCount) { numbers, text in text.append(UInt8(numbers.below(256))) }
  }

  /// The tokens that a test picks, by id, which means by frequency.
  private static func tokens(where isWanted: ([UInt8]) -> Bool) throws -> [[UInt8]] {
    let tokenizer = try BuiltInVocabulary.byteLevel.tokenizer()
    let tokens = (0..<TokenID(tokenizer.identifierBound)).compactMap { tokenizer.bytes(of: $0) }
    return tokens.filter { !$0.isEmpty && isWanted($0) }
  }

  private static func text(byteCount: Int, append: (inout SeededNumbers, inout [UInt8]) -> Void)
    -> [UInt8]
  {
    var numbers = SeededNumbers()
    var text: [UInt8] = []
    while text.count < byteCount { append(&numbers, &text) }
    return text
  }
}

/// Random numbers that are always the same.
private struct SeededNumbers {
  private var state: UInt64 = 2026

  /// A number from 0 to one less than the limit.
  mutating func below(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }

  /// An element, the n-th as often as one of n: how often words occur, by Zipf's law.
  mutating func draw(from words: [[UInt8]]) -> [UInt8] {
    let exponent = Double(below(1 << 24)) / Double(1 << 24)
    return words[Int(pow(Double(words.count), exponent)) - 1]
  }
}

extension BuiltInVocabulary {
  /// A new tokenizer, which has seen no text.
  func tokenizer() throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: tokenizerJSON, name: rawValue)
  }
}
