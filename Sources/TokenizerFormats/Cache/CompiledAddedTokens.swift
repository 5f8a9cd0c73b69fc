// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// The added tokens of a compiled tokenizer: for each a list of content, id and flags, since there may
/// be hundreds and objects take longer to read.
enum CompiledAddedTokens {
  private struct Flags: OptionSet {
    let rawValue: Int

    static let special = Flags(rawValue: 1)
    static let stripsLeft = Flags(rawValue: 2)
    static let stripsRight = Flags(rawValue: 4)
    static let singleWord = Flags(rawValue: 8)
    static let normalized = Flags(rawValue: 16)
  }

  /// The list of some tokens.
  static func json(_ tokens: [AddedToken]) -> JSONValue {
    .array(
      tokens.map { token in
        var flags: Flags = []
        if token.isSpecial { flags.insert(.special) }
        if token.stripsLeft { flags.insert(.stripsLeft) }
        if token.stripsRight { flags.insert(.stripsRight) }
        if token.isSingleWord { flags.insert(.singleWord) }
        if token.isNormalized { flags.insert(.normalized) }
        return [.string(token.content), .integer(Int(token.id)), .integer(flags.rawValue)]
      })
  }

  /// The tokens of a list; nil where it is not as it must be.
  static func tokens(_ value: JSONValue) -> [AddedToken]? {
    guard let list = value.array else { return nil }
    var tokens: [AddedToken] = []
    tokens.reserveCapacity(list.count)
    for entry in list {
      guard let parts = entry.array, parts.count == 3, let content = parts[0].string,
        let id = parts[1].integer, 0..<VocabularyBuilder.identifierLimit ~= id,
        let flags = parts[2].integer.map(Flags.init(rawValue:))
      else { return nil }
      tokens.append(
        AddedToken(
          content: content, id: TokenID(id), isSpecial: flags.contains(.special),
          stripsLeft: flags.contains(.stripsLeft), stripsRight: flags.contains(.stripsRight),
          isSingleWord: flags.contains(.singleWord), isNormalized: flags.contains(.normalized)))
    }
    return tokens
  }
}
