// SPDX-License-Identifier: Apache-2.0

/// Puts special tokens around one text, and around and between two, after a template such as
/// `<s> $A` and `<s> $A <s> $B`.
public struct TemplateProcessor: Sendable {
  /// A part of a template.
  public enum Piece: Hashable, Sendable {
    /// The first text (0) or the second (1), with the type id that its tokens get.
    case sequence(Int, typeID: UInt32)
    /// Special tokens.
    case special([TokenID], typeID: UInt32)
  }

  /// For one text.
  public let single: [Piece]
  /// For two.
  public let pair: [Piece]

  /// A processor with these templates.
  public init(single: [Piece], pair: [Piece]) {
    self.single = single
    self.pair = pair
  }

  func addedCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      if case .special(let ids, _) = piece { count + ids.count } else { count }
    }
  }

  func apply(_ encodings: [Encoding], addsSpecialTokens: Bool) -> [Encoding] {
    (encodings.count == 2 ? pair : single).compactMap { piece in
      switch piece {
      case .sequence(let index, let typeID):
        guard index < encodings.count else { return nil }
        var encoding = encodings[index]
        encoding.setTypeID(typeID)
        return encoding
      case .special(let ids, let typeID):
        guard addsSpecialTokens else { return nil }
        return Encoding(
          ids: ids, offsets: TokenOffsets(repeating: 0..<0, count: ids.count), typeID: typeID,
          sequenceIndex: nil, isSpecial: true)
      }
    }
  }
}
