// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import PromptEncoding
import TextPrimitives
import Tokenization

/// A token, or a piece of text in the place of one, as a difference shows it.
struct ShownToken: Sendable {
  var bytes: [UInt8]
  /// nil where there is no tokenizer.
  var id: TokenID?
  /// The role of its turn, where that is known.
  var role: ExactString?
  var isControl: Bool
  /// The segment of the prompt that its first byte is in, where that is known.
  var segment: Int?

  /// What two equal tokens share.
  enum Key: Hashable {
    case id(TokenID)
    case piece([UInt8], isControl: Bool)
  }

  var key: Key { id.map { .id($0) } ?? .piece(bytes, isControl: isControl) }
}

extension ShownToken {
  /// The tokens of an encoded prompt.
  static func list(_ encoded: EncodedPrompt, _ tokenizer: Tokenizer) -> [ShownToken] {
    encoded.ids.indices.map { index in
      let layout = encoded.layout[index]
      return ShownToken(
        bytes: tokenizer.bytes(of: encoded.ids[index]) ?? [], id: encoded.ids[index],
        role: layout.role, isControl: layout.isControl, segment: layout.segment)
    }
  }

  /// The tokens of bare ids.
  static func list(_ ids: [TokenID], _ tokenizer: Tokenizer) -> [ShownToken] {
    ids.map { id in
      ShownToken(
        bytes: tokenizer.bytes(of: id) ?? [], id: id, role: nil,
        isControl: tokenizer.isSpecial(id), segment: nil)
    }
  }

  /// The words of a prompt, where there is no tokenizer.
  static func list(_ prompt: Prompt) -> [ShownToken] {
    var tokens = list(prompt.text, control: prompt.controlTokens)
    var segment = 0
    var offset = 0
    for index in tokens.indices {
      while segment + 1 < prompt.segments.count,
        prompt.segments[segment].byteRange.upperBound <= offset
      {
        segment += 1
      }
      tokens[index].segment = segment
      if segment < prompt.segments.count { tokens[index].role = prompt.segments[segment].role }
      offset += tokens[index].bytes.count
    }
    return tokens
  }

  /// The words of a text: control tokens, runs of letters with the space before them, line breaks,
  /// and single other characters.
  static func list(_ text: String, control: [ExactString]) -> [ShownToken] {
    let bytes = Array(text.utf8)
    let control = control.map { Array($0.utf8) }.filter { !$0.isEmpty }
      .sorted { $0.count > $1.count }
    var tokens: [ShownToken] = []
    var place = 0
    while place < bytes.count {
      let found = control.first { bytes[place...].starts(with: $0) }
      let end = found.map { place + $0.count } ?? wordEnd(bytes, from: place)
      tokens.append(
        ShownToken(
          bytes: Array(bytes[place..<end]), id: nil, role: nil, isControl: found != nil,
          segment: nil))
      place = end
    }
    return tokens
  }

  private static func wordEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var end = start
    if bytes[end] == 0x20 { end += 1 }
    let word = end
    while end < bytes.count, isLetter(bytes[end]) { end += 1 }
    return end > word ? end : max(word, start + 1)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}
