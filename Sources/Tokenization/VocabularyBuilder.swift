// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Collects the tokens of a ``Vocabulary`` in any order.
public struct VocabularyBuilder: Sendable {
  /// Why a token cannot be taken.
  public enum Conflict: Error, Hashable, Sendable {
    /// Another token has this id.
    case duplicateIdentifier(TokenID)
    /// Another id has this token.
    case duplicateToken(first: TokenID, second: TokenID)
    /// The id is beyond what any model has.
    case identifierTooLarge(Int)
  }

  /// Ids from here on are refused: a table of places as long as the highest id must stay small.
  public static let identifierLimit = 1 << 24

  private let spelling: Vocabulary.Spelling
  private var arena: [UInt8] = []
  private var places: [Vocabulary.Place] = []
  private var count = 0

  /// Starts without tokens.
  public init(spelling: Vocabulary.Spelling) {
    self.spelling = spelling
  }

  /// Makes room ahead.
  public mutating func reserve(tokens: Int, bytes: Int) {
    places.reserveCapacity(tokens)
    arena.reserveCapacity(bytes)
  }

  /// Takes a token given by its bytes.
  public mutating func add(bytes: Span<UInt8>, id: Int) throws(Conflict) {
    try claim(id, length: UInt32(bytes.count))
    bytes.withUnsafeSlices { slice in slice.append(to: &arena) }
  }

  /// Takes a token given by its bytes.
  public mutating func add(bytes: [UInt8], id: Int) throws(Conflict) {
    try add(bytes: bytes.span, id: id)
  }

  /// Takes a token as its file spells it.
  public mutating func add(spelt text: [UInt8], id: Int) throws(Conflict) {
    try add(spelt: text.span, id: id)
  }

  /// Takes a token as its file spells it.
  public mutating func add(spelt text: Span<UInt8>, id: Int) throws(Conflict) {
    if let conflict = text.withUnsafeSlices({ add($0, id) }) { throw conflict }
  }

  /// Takes a token that stands in a file's text.
  public mutating func add(spelt place: Range<Int>, of text: SpelledText, id: Int)
    throws(Conflict)
  {
    if let conflict = text.withView({ add($0.part(place), id) }) { throw conflict }
  }

  private mutating func add(_ text: ByteSlices, _ id: Int) -> Conflict? {
    do throws(Conflict) {
      try take(text, id)
      return nil
    } catch {
      return error
    }
  }

  private mutating func take(_ text: ByteSlices, _ id: Int) throws(Conflict) {
    guard spelling == .byteLevel else {
      try claim(id, length: UInt32(text.count))
      return text.append(to: &arena)
    }
    let start = arena.count
    if ByteAlphabet.append(bytesSpelledBy: text, to: &arena) {
      let length = arena.count - start
      do throws(Conflict) {
        try claim(id, length: UInt32(length), start: start)
      } catch {
        arena.removeLast(length)
        throw error
      }
    } else {
      try claim(id, length: UInt32(text.count) | Vocabulary.Place.literalFlag)
      text.append(to: &arena)
    }
  }

  private mutating func claim(_ id: Int, length: UInt32, start: Int? = nil) throws(Conflict) {
    guard 0..<Self.identifierLimit ~= id else { throw .identifierTooLarge(id) }
    while places.count <= id { places.append(.absent) }
    guard places[id].length == Vocabulary.Place.absent.length else {
      throw .duplicateIdentifier(TokenID(id))
    }
    places[id] = Vocabulary.Place(start: UInt32(start ?? arena.count), length: length)
    count += 1
  }

  /// The vocabulary of all tokens taken.
  ///
  /// - Throws: ``Conflict/duplicateToken(first:second:)`` where two ids have the same token.
  public consuming func build() throws(Conflict) -> Vocabulary {
    try Vocabulary(spelling: spelling, arena: arena, places: places, count: count)
  }
}
