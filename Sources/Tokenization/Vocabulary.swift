// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// The tokens of a model: bytes to ids and back.
///
/// Tokens are keyed by bytes, never by canonical equivalence. In a byte-level vocabulary a file
/// spells the byte 0x20 as `Ġ`; here the token is the byte itself, and ``ByteAlphabet`` gives its
/// spelling.
public struct Vocabulary: Sendable {
  /// How a file spells the tokens, which is also the alphabet that the model merges.
  public enum Spelling: Hashable, Sendable {
    /// Tokens are text; the model starts from Unicode scalars.
    case text
    /// Tokens are bytes, spelt in GPT-2's byte alphabet; the model starts from bytes.
    case byteLevel
  }

  /// How a file spells the tokens.
  public let spelling: Spelling
  /// How many tokens there are.
  public let count: Int

  let arena: ConstantTable<UInt8>
  /// Where the token of an id starts and ends in the arena; ids without a token have `absent`.
  let places: ConstantTable<Place>
  /// Open addressing over the bytes of the tokens: id + 1, or 0 where free.
  let slots: ConstantTable<UInt32>
  /// Tokens of a byte-level file whose spelling holds a letter outside the alphabet, so that no
  /// text reaches them.
  private let unreachable: [[UInt8]: TokenID]

  struct Place: BitwiseCopyable {
    var start: UInt32
    var length: UInt32
    static let absent = Place(start: 0, length: .max)
    static let literalFlag: UInt32 = 1 << 31
  }

  /// One more than the highest id.
  public var identifierBound: Int { places.count }

  /// A vocabulary of tables that belong together.
  init(
    spelling: Spelling, count: Int, arena: ConstantTable<UInt8>, places: ConstantTable<Place>,
    slots: ConstantTable<UInt32>
  ) {
    self.spelling = spelling
    self.count = count
    self.arena = arena
    self.places = places
    self.slots = slots
    var unreachable: [[UInt8]: TokenID] = [:]
    for id in 0..<places.count {
      let place = places[id]
      guard place.length & Place.literalFlag != 0, place.length != Place.absent.length else {
        continue
      }
      let start = Int(place.start)
      let range = start..<start + Int(place.length & ~Place.literalFlag)
      unreachable[arena.elements(range)] = TokenID(id)
    }
    self.unreachable = unreachable
  }

  /// A vocabulary of tokens that stand in an arena.
  ///
  /// - Throws: ``VocabularyBuilder/Conflict`` where two ids have the same token.
  init(spelling: Spelling, arena: [UInt8], places: [Place], count: Int)
    throws(VocabularyBuilder.Conflict)
  {
    self.init(
      spelling: spelling, count: count, arena: ConstantTable(arena),
      places: ConstantTable(places),
      slots: ConstantTable(try Self.makeSlots(arena, places, count: count)))
  }

  private static func makeSlots(_ arena: [UInt8], _ places: [Place], count: Int)
    throws(VocabularyBuilder.Conflict) -> [UInt32]
  {
    var slots = [UInt32](repeating: 0, count: slotCount(for: count))
    let mask = slots.count - 1
    var duplicate: (first: UInt32, second: Int)?
    arena.span.withUnsafeSlices { arena in
      for (id, place) in places.enumerated()
      where place.length < Place.literalFlag {
        let start = Int(place.start)
        var slot = arena.hash(start, Int(place.length)) & mask
        while slots[slot] != 0 {
          let other = places[Int(slots[slot]) - 1]
          if other.length == place.length,
            arena.equals(start, Int(other.start), Int(place.length))
          {
            duplicate = duplicate ?? (slots[slot] - 1, id)
          }
          slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(id) + 1
      }
    }
    if let (first, second) = duplicate {
      throw .duplicateToken(first: first, second: TokenID(second))
    }
    return slots
  }

  private static func slotCount(for count: Int) -> Int {
    var size = 16
    while size < count * 2 { size *= 2 }
    return size
  }
}

// MARK: - Lookup

extension Vocabulary {
  /// The id of the token with these bytes.
  public func identifier(of bytes: Span<UInt8>) -> TokenID? {
    bytes.withUnsafeSlices { identifier(of: $0) }
  }

  /// The id of the token with the bytes of a part of a text.
  func identifier(of text: TextView, _ range: Range<Int>) -> TokenID? {
    identifier(of: ByteSlices(text, range))
  }

  private func identifier(of key: ByteSlices) -> TokenID? {
    withArena { arena in
      let mask = slots.count - 1
      var slot = key.hash(0, key.count) & mask
      while slots[slot] != 0 {
        let id = slots[slot] - 1
        let place = places[Int(id)]
        if arena.equals(Int(place.start), Int(place.length), key) { return id }
        slot = (slot + 1) & mask
      }
      return nil
    }
  }

  /// Whether an id's token has these bytes.
  public func holds(_ bytes: Span<UInt8>, at id: TokenID) -> Bool {
    guard let range = range(of: id), range.count == bytes.count else { return false }
    return bytes.withUnsafeSlices { key in
      withArena { $0.equals(range.lowerBound, range.count, key) }
    }
  }

  /// The id of the token with these bytes.
  public func identifier(of bytes: [UInt8]) -> TokenID? {
    identifier(of: bytes.span)
  }

  /// The id of the token that a file spells so.
  public func identifier(spelt spelling: [UInt8]) -> TokenID? {
    switch self.spelling {
    case .text: identifier(of: spelling)
    case .byteLevel:
      if let bytes = ByteAlphabet.bytes(spelledBy: spelling) {
        identifier(of: bytes)
      } else {
        unreachable[spelling]
      }
    }
  }

  /// Whether an id has a token.
  public func contains(_ id: TokenID) -> Bool {
    Int(id) < places.count && places[Int(id)].length != Place.absent.length
  }

  /// The bytes of a token, or nil where the id has none.
  ///
  /// For a token that no text reaches, its spelling.
  public func bytes(of id: TokenID) -> [UInt8]? {
    guard let range = range(of: id) else { return nil }
    return arena.elements(range)
  }

  /// Gives the bytes of a token for the length of the call; nil where the id has none.
  func withBytes<Result>(of id: TokenID, _ body: (Span<UInt8>) -> Result) -> Result? {
    range(of: id).map { range in
      // SAFETY: the span does not leave the closure.
      unsafe arena.withElements { unsafe body($0.span.extracting(range)) }
    }
  }

  /// Appends the bytes of a token; false where the id has none.
  func appendBytes(of id: TokenID, to output: inout [UInt8]) -> Bool {
    guard let range = range(of: id) else { return false }
    // SAFETY: the range is one of the arena's.
    unsafe arena.withElements { unsafe output.append(contentsOf: $0[range]) }
    return true
  }

  /// The token as its file spells it, or nil where the id has none.
  public func spelling(of id: TokenID) -> [UInt8]? {
    guard let bytes = bytes(of: id) else { return nil }
    return spelling == .byteLevel && !isUnreachable(id)
      ? ByteAlphabet.spelling(of: bytes) : bytes
  }

  /// Whether a byte-level file spells this token with a letter that stands for no byte.
  func isUnreachable(_ id: TokenID) -> Bool {
    places[Int(id)].length & Place.literalFlag != 0
  }

  /// How many bytes a token has; 0 where the id has none.
  public func length(of id: TokenID) -> Int {
    range(of: id)?.count ?? 0
  }

  /// How many bytes all tokens have.
  var totalBytes: Int { arena.count }

  /// Gives the bytes of all tokens, and where each id's are.
  func withTokens<Result>(_ body: (ByteSlices, (TokenID) -> Range<Int>?) -> Result) -> Result {
    withArena { body($0, range) }
  }

  /// Gives the bytes of all tokens, and where each id's are.
  func withBytes(_ body: ([UInt8], (TokenID) -> Range<Int>?) -> Void) {
    body(arena.elements, range)
  }

  private func withArena<Result>(_ body: (ByteSlices) -> Result) -> Result {
    // SAFETY: the slices do not leave the closure.
    unsafe arena.withElements { unsafe body(ByteSlices($0)) }
  }

  private func range(of id: TokenID) -> Range<Int>? {
    guard contains(id) else { return nil }
    let place = places[Int(id)]
    let start = Int(place.start)
    return start..<start + Int(place.length & ~Place.literalFlag)
  }
}
