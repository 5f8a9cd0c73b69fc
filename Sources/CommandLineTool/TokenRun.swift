// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// Added tokens whose names and ids count up together, as reserved tokens do.
struct TokenRun {
  /// Shorter runs are listed token by token.
  private static let smallest = 3

  private var tokens: [AddedToken]
  /// The name around its last number, which counts up; nil where it holds none.
  private let pattern: (prefix: Substring, number: Int, suffix: Substring)?

  private init(_ token: AddedToken) {
    tokens = [token]
    pattern = Self.pattern(token.content.string)
  }

  /// Tokens with their ids; a run of many is one entry, `<|reserved_3…247|>` with `128011…128255`.
  static func entries(_ tokens: [AddedToken]) -> JSONObject {
    var runs: [TokenRun] = []
    for token in tokens where runs.isEmpty || !runs[runs.count - 1].takes(token) {
      runs.append(TokenRun(token))
    }
    return JSONObject(runs.flatMap(\.entries))
  }

  private mutating func takes(_ token: AddedToken) -> Bool {
    guard let pattern, let next = Self.pattern(token.content.string),
      Int(token.id) == Int(tokens[0].id) + tokens.count,
      next.number == pattern.number + tokens.count,
      next.prefix.utf8.elementsEqual(pattern.prefix.utf8),
      next.suffix.utf8.elementsEqual(pattern.suffix.utf8)
    else { return false }
    tokens.append(token)
    return true
  }

  private var entries: [(ExactString, JSONValue)] {
    guard let pattern, tokens.count >= Self.smallest else {
      return tokens.map { ($0.content, .integer(Int($0.id))) }
    }
    let last = pattern.number + tokens.count - 1
    let (first, end) = (Int(tokens[0].id), Int(tokens[0].id) + tokens.count - 1)
    return [
      (
        ExactString("\(pattern.prefix)\(pattern.number)…\(last)\(pattern.suffix)"),
        .string(ExactString("\(first)…\(end)"))
      )
    ]
  }

  /// A name around its last number, if that is written without leading zeros.
  private static func pattern(_ name: String)
    -> (prefix: Substring, number: Int, suffix: Substring)?
  {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let bytes = name.utf8
    guard let last = bytes.lastIndex(where: digits.contains) else { return nil }
    let start = bytes[...last].lastIndex { !digits.contains($0) }.map { bytes.index(after: $0) }
    let range = (start ?? bytes.startIndex)...last
    guard let number = Int(name[range]), String(number).utf8.count == bytes[range].count else {
      return nil
    }
    return (name[..<range.lowerBound], number, name[bytes.index(after: last)...])
  }
}
