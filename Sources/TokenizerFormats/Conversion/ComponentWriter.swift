// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextNormalization
import TextPrimitives
import Tokenization

/// Writes the parts of a tokenizer as `tokenizer.json` spells them, and collects what it has no
/// words for.
///
/// The reader of the same spelling is ``ComponentNode``.
struct ComponentWriter {
  let tokenizer: Tokenizer
  /// Whose rules the reader takes patterns to follow.
  private let dialect: SplitPattern.Dialect
  private(set) var losses: [ConversionLoss] = []

  init(_ tokenizer: Tokenizer, patternsIn dialect: SplitPattern.Dialect = .oniguruma) {
    self.tokenizer = tokenizer
    self.dialect = dialect
  }

  mutating func lose(_ field: String, _ value: String, _ consequence: String) {
    losses.append(ConversionLoss(field, value, consequence))
  }

  /// The name that a token goes by in a template.
  func name(_ id: TokenID) -> JSONValue {
    .string(ExactString(tokenizer.token(id) ?? "<\(id)>"))
  }

  static func text(_ bytes: [UInt8]) -> JSONValue {
    .string(ExactString(String(decoding: bytes, as: UTF8.self)))
  }

  static func text(_ scalar: Unicode.Scalar) -> JSONValue {
    .string(ExactString(String(scalar)))
  }

  static func component(_ type: String, _ members: JSONObject = [:]) -> JSONValue {
    var object: JSONObject = ["type": .string(ExactString(type))]
    for (key, value) in members { object[key] = value }
    return .object(object)
  }

  /// `{"Regex": …}`; a pattern of another dialect must mean the same in the reader's.
  mutating func pattern(_ pattern: SplitPattern) -> JSONValue {
    if !pattern.meansTheSame(in: dialect) {
      lose(
        "pattern", "'\(pattern.source)'",
        "Python's tokenizers reads patterns in Oniguruma's syntax, where it means something else")
    }
    return ["Regex": .string(ExactString(pattern.source))]
  }

  mutating func pattern(_ pattern: TokenDecoder.Pattern) -> JSONValue {
    switch pattern {
    case .literal(let bytes): ["String": Self.text(bytes)]
    case .pattern(let source): self.pattern(source)
    }
  }

  // MARK: Added tokens, truncation, padding

  func addedToken(_ token: AddedToken) -> JSONValue {
    [
      "id": .integer(Int(token.id)), "content": .string(token.content),
      "single_word": .bool(token.isSingleWord), "lstrip": .bool(token.stripsLeft),
      "rstrip": .bool(token.stripsRight), "normalized": .bool(token.isNormalized),
      "special": .bool(token.isSpecial),
    ]
  }

  func truncation(_ truncation: Truncation?) -> JSONValue {
    guard let truncation else { return .null }
    return [
      "direction": .string(ExactString(truncation.side.rawValue)),
      "max_length": .integer(truncation.maxLength),
      "strategy": .string(ExactString(truncation.strategy.rawValue)),
      "stride": .integer(truncation.stride),
    ]
  }

  func padding(_ padding: Padding?) -> JSONValue {
    guard let padding else { return .null }
    let strategy: JSONValue =
      switch padding.length {
      case .longest: "BatchLongest"
      case .fixed(let length): ["Fixed": .integer(length)]
      }
    return [
      "strategy": strategy, "direction": .string(ExactString(padding.side.rawValue)),
      "pad_to_multiple_of": padding.multipleOf.map { .integer($0) } ?? .null,
      "pad_id": .integer(Int(padding.id)), "pad_type_id": .integer(Int(padding.typeID)),
      "pad_token": name(padding.id),
    ]
  }
}
