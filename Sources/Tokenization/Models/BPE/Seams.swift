// SPDX-License-Identifier: Apache-2.0

/// Where a byte-level piece may be cut before it is merged: between two scalars that no token reaches
/// over.
///
/// Whatever the order of the rules, a merge across such a place would make a token that has both
/// sides. Japanese and Chinese come in pieces that are long and seldom the same; cut so, they are a few
/// thousand words that are mostly remembered. Only scalars of three bytes are looked at: in other
/// scripts nearly all neighbours may join.
struct Seams: Sendable {
  /// Bits for the last byte of a scalar and the first of the next, where some token has only the start
  /// of the second, and such bits where some has only the end of the first; the length of the shortest
  /// loner; and bits for hashes of two scalars, of the end of one and another, and of loners.
  let table: ConstantTable<UInt64>

  /// Where the bits for ends are, after as many for starts.
  static let firstEnd = 16
  /// Where the length of the shortest loner is, the greatest number where there is none.
  static let lonerPlace = 32
  /// Where the hashes' bits start.
  static let firstHash = 64

  var view: View {
    let view = table.view
    return View(
      table: view, shift: Self.shift(hashWords: table.count - Self.firstHash),
      shortestLoner: Int(clamping: view[Self.lonerPlace]))
  }

  static func shift(hashWords: Int) -> UInt64 {
    UInt64(64 - (64 * hashWords).trailingZeroBitCount)
  }

  /// Whether a file's table has its size, and loners have theirs.
  static func isSound(_ table: ConstantTable<UInt64>) -> Bool {
    table.count > firstHash && (table.count - firstHash).nonzeroBitCount == 1
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
      let (word, bit) = (Int(truncatingIfNeeded: edge &>> 6), UInt64(1) &<< (edge & 63))
      if table[word] & bit != 0 || has(Seams.hash(pair)) { return false }
      return table[Seams.firstEnd &+ word] & bit == 0 || !has(Seams.hash(ofEnd: pair))
    }

    /// Whether what starts and ends with three bytes each may be a loner.
    func mayBeLoner(_ ends: UInt64) -> Bool {
      has(Seams.hash(ofLoner: ends))
    }

    @inline(__always)
    private func has(_ hash: UInt64) -> Bool {
      let bit = hash &>> shift
      return table[Seams.firstHash &+ Int(truncatingIfNeeded: bit &>> 6)] &>> (bit & 63) & 1 != 0
    }
  }

  fileprivate static let pairMask: UInt64 = 0xFFFF_FFFF_FFFF

  @inline(__always)
  fileprivate static func hash(_ pair: UInt64) -> UInt64 {
    (pair ^ pair &>> 23) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The hash of a pair of whose first scalar only the last byte counts.
  fileprivate static func hash(ofEnd pair: UInt64) -> UInt64 {
    hash(pair &>> 16 | 1 << 62)
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
    var words = [UInt64](repeating: 0, count: Self.firstHash)
    var hashes: [UInt64] = []
    var shortestLoner = UInt64.max
    let places = vocabulary.places.view
    vocabulary.withTokens { tokens, _ in
      for id in 0..<vocabulary.identifierBound where !Self.isASCII(tokens, places[id]) {
        let start = Int(places[id].start)
        let range = start..<start + Int(places[id].length)
        Self.joints(tokens, range) { pair, kind in
          let edge = Self.edge(pair)
          switch kind {
          case .whole: hashes.append(Self.hash(pair))
          case .end:
            words[Self.firstEnd + Int(edge >> 6)] |= 1 << (edge & 63)
            hashes.append(Self.hash(ofEnd: pair))
          case .start: words[Int(edge >> 6)] |= 1 << (edge & 63)
          }
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
    var hashWords = 16
    // 16 bits a hash: of pairs that none has, a sixteenth counts as joined.
    while 4 * hashWords < hashes.count { hashWords *= 2 }
    words.append(contentsOf: repeatElement(0, count: hashWords))
    words[Self.lonerPlace] = shortestLoner
    let shift = Self.shift(hashWords: hashWords)
    for hash in hashes {
      let bit = hash >> shift
      words[Self.firstHash + Int(bit >> 6)] |= 1 << (bit & 63)
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

  /// What a token has of two scalars.
  private enum Joint {
    case whole
    /// The end of the first, and the second.
    case end
    /// The start of the second, and the first or its end.
    case start
  }

  /// Gives each place in a token between two scalars of three bytes, or parts of such, as a pair.
  private static func joints(
    _ tokens: ByteSlices, _ range: Range<Int>, _ body: (_ pair: UInt64, Joint) -> Void
  ) {
    var start = range.lowerBound
    for place in range.dropFirst() where tokens[place] & 0xC0 != 0x80 {
      defer { start = place }
      guard tokens[place] & 0xF0 == 0xE0 else { continue }
      let isEnd = tokens[start] & 0xC0 == 0x80
      guard isEnd || tokens[start] & 0xF0 == 0xE0 else { continue }
      guard place + 3 <= range.upperBound, isEnd || place - start == 3 else {
        body(UInt64(tokens[place - 1]) << 16 | UInt64(tokens[place]) << 24, .start)
        continue
      }
      let first = isEnd ? UInt64(tokens[place - 1]) << 16 : threeBytes(tokens, start)
      body(first | threeBytes(tokens, place) << 24, isEnd ? .end : .whole)
    }
  }

  private static func threeBytes(_ tokens: ByteSlices, _ place: Int) -> UInt64 {
    UInt64(tokens[place]) | UInt64(tokens[place + 1]) << 8 | UInt64(tokens[place + 2]) << 16
  }
}
