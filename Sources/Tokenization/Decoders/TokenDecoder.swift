// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Turns tokens back into text; cases and their meaning are those of Hugging Face's `decoders`.
public indirect enum TokenDecoder: Sendable {
  /// What ``replace(_:with:)`` looks for.
  public enum Pattern: Sendable {
    case literal([UInt8])
    case pattern(SplitPattern)
  }

  /// Spellings become bytes, and all tokens one text.
  case byteLevel
  /// Runs of `<0xNN>` become text, or U+FFFD each where they are not UTF-8.
  case byteFallback
  /// All tokens become one.
  case fuse
  /// Takes up to so many scalars away at the ends of every token.
  case strip(Unicode.Scalar, start: Int, stop: Int)
  case replace(Pattern, with: [UInt8])
  /// Marks become spaces; those of the first token vanish where the mark was prepended.
  case metaspace(replacement: Unicode.Scalar, prepend: PreTokenizer.PrependScheme)
  /// A suffix becomes a space, or nothing at the end.
  case suffix([UInt8])
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  case ctc(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool)
  /// The decoding of a SentencePiece model.
  case sentencePiece(SentencePieceDecoder)
  case sequence([TokenDecoder])

  /// The tokens' text, still in pieces.
  func apply(to tokens: [[UInt8]]) -> [[UInt8]] {
    switch self {
    case .sequence(let steps): return steps.reduce(tokens) { $1.apply(to: $0) }
    case .sentencePiece(let decoder): return decoder.apply(to: tokens)
    case .fuse: return [Array(tokens.joined())]
    case .byteLevel:
      var bytes: [UInt8] = []
      for token in tokens where !ByteAlphabet.append(bytesSpelledBy: token, to: &bytes) {
        bytes += token
      }
      return [Self.repaired(bytes)]
    case .byteFallback: return Self.applyByteFallback(tokens)
    case .strip(let scalar, let start, let stop):
      let letter = Array(String(scalar).utf8)
      return tokens.map { Self.strip($0, letter, start, stop) }
    case .replace(let pattern, let replacement):
      return tokens.map { Self.replace($0, pattern, replacement) }
    case .metaspace(let replacement, let prepend):
      let mark = Array(String(replacement).utf8)
      return tokens.enumerated().map { index, token in
        let space: [UInt8] = index == 0 && prepend != .never ? [] : [0x20]
        return Self.replace(token, .literal(mark), space)
      }
    case .suffix(let suffix):
      return tokens.enumerated().map { index, token in
        Self.replace(token, .literal(suffix), index == tokens.count - 1 ? [] : [0x20])
      }
    case .wordPiece(let prefix, let cleansUp):
      return tokens.enumerated().map { index, token in
        var text = token
        if index > 0 {
          text = token.starts(with: prefix) ? Array(token.dropFirst(prefix.count)) : [0x20] + token
        }
        return cleansUp ? Self.cleanedUp(text) : text
      }
    case .ctc(let padding, let delimiter, let cleansUp):
      return Self.applyCTC(tokens, padding, delimiter, cleansUp)
    }
  }

  /// Valid UTF-8: every maximal part of what is none becomes U+FFFD.
  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  private static let replacementCharacter: [UInt8] = [0xEF, 0xBF, 0xBD]

  /// The byte that a token such as `<0x0A>` stands for.
  static func fallbackByte(_ token: [UInt8]) -> UInt8? {
    guard token.count == 6, token[0] == UInt8(ascii: "<"), token[1] == UInt8(ascii: "0"),
      token[2] == UInt8(ascii: "x"), token[5] == UInt8(ascii: ">")
    else { return nil }
    // Rust's from_str_radix takes a sign as well.
    return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
  }

  private static func applyByteFallback(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var output: [[UInt8]] = []
    var run: [UInt8] = []
    func flush() {
      guard !run.isEmpty else { return }
      if String(validating: run, as: UTF8.self) != nil {
        output.append(run)
      } else {
        for _ in run { output.append(replacementCharacter) }
      }
      run.removeAll()
    }
    for token in tokens {
      if let byte = fallbackByte(token) {
        run.append(byte)
      } else {
        flush()
        output.append(token)
      }
    }
    flush()
    return output
  }

  private static func strip(_ token: [UInt8], _ letter: [UInt8], _ start: Int, _ stop: Int)
    -> [UInt8]
  {
    var text = token[...]
    for _ in 0..<start {
      guard text.starts(with: letter) else { break }
      text = text.dropFirst(letter.count)
    }
    for _ in 0..<stop {
      guard text.count >= letter.count, text.suffix(letter.count) == letter[...] else { break }
      text = text.dropLast(letter.count)
    }
    return Array(text)
  }

  static func replace(_ token: [UInt8], _ pattern: Pattern, _ replacement: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var done = 0
    pattern.forEachMatch(in: token) { match in
      output += token[done..<match.lowerBound]
      output += replacement
      done = match.upperBound
    }
    return output + token[done...]
  }

  private static func applyCTC(
    _ tokens: [[UInt8]], _ padding: [UInt8], _ delimiter: [UInt8], _ cleansUp: Bool
  ) -> [[UInt8]] {
    var output: [[UInt8]] = []
    var last: [UInt8]?
    for token in tokens where token != last {
      last = token
      var text = replace(token, .literal(padding), [])
      if cleansUp { text = replace(cleanedUp(text), .literal(delimiter), [0x20]) }
      if !text.isEmpty { output.append(text) }
    }
    return output
  }

  /// Takes back the spaces that English tokenization puts before punctuation and contractions.
  ///
  /// The decoders of `tokenizers` write "do not" as "don't" as well, transformers does not.
  static func cleanedUp(_ text: [UInt8], joinsDoNot: Bool = true) -> [UInt8] {
    let rules: [(String, String)] = [
      (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
      (" 'm", "'m"), (" do not", joinsDoNot ? " don't" : " do not"), (" 's", "'s"),
      (" 've", "'ve"), (" 're", "'re"),
    ]
    return rules.reduce(text) { text, rule in
      replace(text, .literal(Array(rule.0.utf8)), Array(rule.1.utf8))
    }
  }
}

extension TokenDecoder.Pattern {
  /// Calls `body` with every match, in order and without overlap.
  func forEachMatch(in text: [UInt8], _ body: (Range<Int>) -> Void) {
    switch self {
    case .pattern(let pattern):
      pattern.forEachMatch(in: text.span, range: 0..<text.count, body)
    case .literal(let literal):
      guard let first = literal.first else { return }
      var place = 0
      while place + literal.count <= text.count {
        if text[place] == first, text[place..<place + literal.count].elementsEqual(literal) {
          body(place..<place + literal.count)
          place += literal.count
        } else {
          place += 1
        }
      }
    }
  }
}
