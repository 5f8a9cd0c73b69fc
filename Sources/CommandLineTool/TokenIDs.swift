// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Tokenization

/// Token ids as people write them.
enum TokenIDs {
  /// Reads ids separated by spaces or commas, with or without brackets around them.
  ///
  /// - Throws: ``ToolError`` with the word that is none.
  static func read(_ words: [String]) throws -> [TokenID] {
    let separators: Set<Character> = [" ", ",", "\n", "\r\n", "\t", "[", "]"]
    return try words.flatMap { $0.split(whereSeparator: separators.contains) }.map { word in
      guard let id = TokenID(word) else {
        throw ToolError(.usage, "'\(word)' is no token id; ids are numbers from 0 up")
      }
      return id
    }
  }

  /// Reads a JSON list of ids.
  ///
  /// - Throws: ``ToolError`` with what is none.
  static func read(_ value: JSONValue?) throws -> [TokenID] {
    guard let elements = value?.array else {
      throw ToolError(.input, "expected {\"ids\": [numbers]}")
    }
    return try elements.map { element in
      guard let id = element.integer.flatMap(TokenID.init(exactly:)) else {
        throw ToolError(.input, "\(element.serialized()) is no token id")
      }
      return id
    }
  }
}
