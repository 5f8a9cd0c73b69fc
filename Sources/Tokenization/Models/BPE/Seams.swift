// SPDX-License-Identifier: Apache-2.0

/// Where a byte-level piece may be cut before it is merged: between two scalars that no token reaches
/// over.
///
/// Whatever the order of the rules, a merge across such a place would make a token that has both
/// sides. Japanese and Chinese come in pieces that are long and seldom the same; cut so, they are a few
/// thousand words that are mostly remembered. Only scalars of three bytes are looked at: in other
/// scripts nearly all neighbours may join.
struct Seams: Sendable {
  /// Bits for the last byte of a scalar and the first of the next, where a token has only a part of
  /// either; the length of the shortest loner; and bits for hashes of two scalars.
  let table: ConstantTable<UInt64>

  /// How many words the first bits have.
  static let edgeCount = 16
  /// Where the length of the shortest loner is, the greatest number where there is none.
  static let lonerPlace = edgeCount
  /// Where the hashes' bits start.
  static let firstPair = 32

  var view: View {
    let view = table.view
    return View(
      table: view, shift: Self.shift(pairWords: table.count - Self.firstPair),
      shortestLoner: Int(clamping: view[Self.lonerPlace]))
  }

  static func shift(pairWords: Int) -> UInt64 {
    UInt64(64 - (64 * pairWords).trailingZeroBitCount)
  }

  /// Whether a file's table has its size, and loners have theirs.
  static func isSound(_ table: ConstantTable<UInt64>) -> Bool {
    table.count > firstPair && (table.count - firstPair).nonzeroBitCount == 1
      && table[lonerPlace] >= 3
  }

  /// The table for the length of a call.
  struct View {
    fileprivate let table: ConstantTable<UInt64>.View
    fileprivate let shift: UInt64
    /// How many bytes the shortest loner has.
    ///
    /// Loners are tokens for whole pieces only, since merging does not lead to them: what is cut out of
    /// a piece must be none.
    let shortestLoner: Int

    /// Whether there is a seam between two scalars of three bytes, the first of which has the lowest
    /// bits.
    @inline(__always)
    func isSeam(_ pair: UInt64) -> Bool {
      let pair = pair & Seams.pairMask
      let edge = Seams.edge(pair)
      return table[Int(truncatingIfNeeded: edge &>> 6)] &>> (edge & 63) & 1 == 0
        && !has(Seams.hash(pair))
    }

    /// Whether a piece is long enough to be cut.
    @inline(__always)
    func mayCut(_ piece: Range<Int>) -> Bool { piece.count > 3 }

    /// Whether what starts and ends with three bytes each may be a loner.
    func mayBeLoner(_ ends: UInt64) -> Bool {
      has(Seams.hash(ofLoner: ends))
    }

    @inline(__always)
    private func has(_ hash: UInt64) -> Bool {
      let bit = hash &>> shift
      return table[Seams.firstPair &+ Int(truncatingIfNeeded: bit &>> 6)] &>> (bit & 63) & 1 != 0
    }
  }

  fileprivate static let pairMask: UInt64 = 0xFFFF_FFFF_FFFF

  @inline(__always)
  fileprivate static func hash(_ pair: UInt64) -> UInt64 {
    (pair ^ pair &>> 23) &* 0x9E37_79B9_7F4A_7C15
  }

  fileprivate static func hash(ofLoner ends: UInt64) -> UInt64 {
    hash(ends & pairMask | 1 << 63)
  }

  /// The bit for the bytes on both sides: six bits of the one and four of the other are their own.
  @inline(__always)
  fileprivate static func edge(_ pair: UInt64) -> UInt64 {
    pair &>> 16 & 0x3F | (pair &>> 24 & 0xF) &<< 6
  }
}

extension Seams {
  /// The seams of a vocabulary that has a token for every byte.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens, all of which count, whether or not a rule makes them.
  ///   - isLoner: Whether an id's token is only for whole pieces.
  init(_ vocabulary: Vocabulary, isLoner: (TokenID) -> Bool) {
    var edges: [UInt64] = []
    var hashes: [UInt64] = []
    var shortestLoner = UInt64.max
    let places = vocabulary.places.view
    vocabulary.withTokens { tokens, _ in
      for id in 0..<vocabulary.identifierBound where !Self.isASCII(tokens, places[id]) {
        let start = Int(places[id].start)
        let range = start..<start + Int(places[id].length)
        Self.joints(tokens, range) { pair, isWhole in
          if isWhole { hashes.append(Self.hash(pair)) } else { edges.append(Self.edge(pair)) }
        }
        if range.count >= 3, isLoner(TokenID(id)) {
          let ends =
            Self.threeBytes(tokens, range.lowerBound) | Self.threeBytes(
              tokens, range.upperBound - 3)
            << 24
          hashes.append(Self.hash(ofLoner: ends))
          shortestLoner = min(shortestLoner, UInt64(range.count))
        }
      }
    }
    var pairWords = 16
    // Eight bits a hash: of pairs that none has, an eighth counts as joined.
    while 64 * pairWords < 8 * hashes.count { pairWords *= 2 }
    var words = [UInt64](repeating: 0, count: Self.firstPair + pairWords)
    for edge in edges { words[Int(edge >> 6)] |= 1 << (edge & 63) }
    words[Self.lonerPlace] = shortestLoner
    let shift = Self.shift(pairWords: pairWords)
    for hash in hashes {
      let bit = hash >> shift
      words[Self.firstPair + Int(bit >> 6)] |= 1 << (bit & 63)
    }
    table = ConstantTable(words)
  }

  /// Whether a token, or what is none that a text may hold, has no byte beyond ASCII.
  @inline(__always)
  private static func isASCII(_ tokens: ByteSlices, _ place: Vocabulary.Place) -> Bool {
    guard place.length < Vocabulary.Place.literalFlag else { return true }
    let high: UInt64 = 0x8080_8080_8080_8080
    let end = Int(place.start) &+ Int(place.length)
    var start = Int(place.start)
    while start &+ 8 <= tokens.count, start < end {
      let left = UInt64(truncatingIfNeeded: max(8 &- (end &- start), 0))
      if tokens.word(at: start) & (high &>> (8 &* left)) != 0 { return false }
      start &+= 8
    }
    return start >= end || (start..<end).allSatisfy { tokens[$0] < 0x80 }
  }

  /// Gives each place in a token between two scalars of three bytes, or parts of such.
  ///
  /// Of parts only the bytes at the place count.
  private static func joints(
    _ tokens: ByteSlices, _ range: Range<Int>, _ body: (_ pair: UInt64, _ isWhole: Bool) -> Void
  ) {
    var start = range.lowerBound
    for place in range.dropFirst() where tokens[place] & 0xC0 != 0x80 {
      defer { start = place }
      guard tokens[place] & 0xF0 == 0xE0 else { continue }
      let isPart = tokens[start] & 0xC0 == 0x80
      guard isPart || tokens[start] & 0xF0 == 0xE0 else { continue }
      if !isPart, place - start == 3, place + 3 <= range.upperBound {
        body(threeBytes(tokens, start) | threeBytes(tokens, place) << 24, true)
      } else {
        body(UInt64(tokens[place - 1]) << 16 | UInt64(tokens[place]) << 24, false)
      }
    }
  }

  private static func threeBytes(_ tokens: ByteSlices, _ place: Int) -> UInt64 {
    UInt64(tokens[place]) | UInt64(tokens[place + 1]) << 8 | UInt64(tokens[place + 2]) << 16
  }
}
