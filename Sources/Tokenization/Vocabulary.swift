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
  /// Open addressing over the bytes of the tokens: see ``Slot``.
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

  /// A slot of the hash table: one more than an id in the lower 25 bits, above it seven bits of the
  /// hash, so that other tokens are seldom looked at; 0 where free.
  enum Slot {
    static let identifierMask: UInt32 = 1 << 25 - 1

    @inline(__always)
    static func tag(_ hash: Int) -> UInt32 {
      UInt32(truncatingIfNeeded: hash >> 56) << 25
    }
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
    unreachable = spelling == .byteLevel ? Self.unreachable(arena, places) : [:]
  }

  private static func unreachable(_ arena: ConstantTable<UInt8>, _ places: ConstantTable<Place>)
    -> [[UInt8]: TokenID]
  {
    var unreachable: [[UInt8]: TokenID] = [:]
    let view = places.view
    for id in 0..<places.count {
      let place = view[id]
      guard place.length & Place.literalFlag != 0, place.length != Place.absent.length else {
        continue
      }
      let start = Int(place.start)
      let range = start..<start + Int(place.length & ~Place.literalFlag)
      unreachable[arena.elements(range)] = TokenID(id)
    }
    return unreachable
  }

  /// A vocabulary of tokens that stand in an arena.
  ///
  /// - Throws: ``VocabularyBuilder/Conflict`` where two ids have the same token.
  init(spelling: Spelling, arena: [UInt8], places: [Place], count: Int)
    throws(VocabularyBuilder.Conflict)
  {
    let (arena, places) = (ConstantTable(arena), ConstantTable(places))
    self.init(
      spelling: spelling, count: count, arena: arena, places: places,
      slots: try Self.makeSlots(arena, places.view, places.count, count: count))
  }

  private static func makeSlots(
    _ arena: ConstantTable<UInt8>, _ places: ConstantTable<Place>.View, _ bound: Int, count: Int
  ) throws(VocabularyBuilder.Conflict) -> ConstantTable<UInt32> {
    var slots = MutableTable<UInt32>(zeros: slotCount(for: count))
    let mask = slots.count - 1
    var duplicate: (first: UInt32, second: Int)?
    unsafe arena.withElements { elements in
      let arena = unsafe ByteSlices(elements)
      search: for id in 0..<bound where places[id].length < Place.literalFlag {
        let (start, length) = (Int(places[id].start), Int(places[id].length))
        let hash = arena.hash(start, length)
        let tag = Slot.tag(hash)
        var slot = hash & mask
        while slots[slot] != 0 {
          if slots[slot] & ~Slot.identifierMask == tag {
            let other = slots[slot] & Slot.identifierMask - 1
            let place = places[Int(other)]
            if Int(place.length) == length, arena.equals(start, Int(place.start), length) {
              duplicate = (other, id)
              break search
            }
          }
          slot = (slot + 1) & mask
        }
        slots[slot] = tag | (UInt32(id) + 1)
      }
    }
    if let (first, second) = duplicate {
      throw .duplicateToken(first: first, second: TokenID(second))
    }
    return slots.finish()
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

  func identifier(of key: ByteSlices) -> TokenID? {
    identifier(of: key, hash: key.hash(0, key.count))
  }

  /// The id of the token with these bytes, whose hash is known.
  func identifier(of key: ByteSlices, hash: Int) -> TokenID? {
    withArena { arena in
      let (slots, places, mask) = (slots.view, places.view, slots.count - 1)
      let tag = Slot.tag(hash)
      var slot = hash & mask
      while slots[slot] != 0 {
        if slots[slot] & ~Slot.identifierMask == tag {
          let id = slots[slot] & Slot.identifierMask - 1
          let place = places[Int(id)]
          if arena.equals(Int(place.start), Int(place.length), key) { return id }
        }
        slot = (slot + 1) & mask
      }
      return nil
    }
  }

  /// Whether an id's token has these bytes.
  func holds(_ bytes: ByteSlices, at id: TokenID) -> Bool {
    guard let range = range(of: id), range.count == bytes.count else { return false }
    return withArena { $0.equals(range.lowerBound, range.count, bytes) }
  }

  /// Asks for what looking up a hash reads first.
  func prefetchSlot(_ hash: Int) {
    slots.view.prefetch(hash & (slots.count - 1))
  }

  /// Asks for what looking up a hash reads next, as the first slot tells.
  func prefetchPlace(_ hash: Int) {
    if let id = candidate(hash) { places.view.prefetch(id) }
  }

  /// Asks for the bytes that looking up a hash compares, as the first slot tells.
  func prefetchBytes(_ hash: Int) {
    if let id = candidate(hash) { arena.view.prefetch(Int(places.view[id].start)) }
  }

  private func candidate(_ hash: Int) -> Int? {
    let slot = slots.view[hash & (slots.count - 1)]
    guard slot != 0, slot & ~Slot.identifierMask == Slot.tag(hash) else { return nil }
    return Int(slot & Slot.identifierMask) - 1
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

  /// Whether there are such tokens.
  var hasUnreachable: Bool { !unreachable.isEmpty }

  /// How many bytes a token has; 0 where the id has none.
  public func length(of id: TokenID) -> Int {
    range(of: id)?.count ?? 0
  }

  /// Gives the bytes of all tokens, and where each id's are.
  func withTokens<Result>(_ body: (ByteSlices, (TokenID) -> Range<Int>?) -> Result) -> Result {
    withArena { body($0, range) }
  }

  private func withArena<Result>(_ body: (ByteSlices) -> Result) -> Result {
    // SAFETY: the slices do not leave the closure.
    unsafe arena.withElements { unsafe body(ByteSlices($0)) }
  }

  private func range(of id: TokenID) -> Range<Int>? {
    guard Int(id) < places.count else { return nil }
    let place = places.view[Int(id)]
    guard place.length != Place.absent.length else { return nil }
    let start = Int(place.start)
    return start..<start + Int(place.length & ~Place.literalFlag)
  }
}
