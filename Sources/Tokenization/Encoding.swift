// SPDX-License-Identifier: Apache-2.0

/// What encoding a text gives: one entry per token in every collection.
///
/// ```swift
/// let encoding = try tokenizer.encode("Hello there")
/// zip(encoding.tokens, encoding.offsets)      // ("Hello", 0..<5), ("Ġthere", 5..<11)
/// ```
public struct Encoding: Sendable {
  /// The tokens.
  public internal(set) var ids: [TokenID] = []
  /// Where each token stands in the original text, in UTF-8 bytes.
  ///
  /// `0..<0` for a token that the post-processor or padding added. A token of part of a scalar has
  /// that part's bytes.
  public internal(set) var offsets = TokenOffsets()
  /// Which segment of a pair each token belongs to, as the post-processor numbers them.
  public internal(set) var typeIDs = TokenColumn<UInt32>()
  /// True where the post-processor or padding added the token.
  public internal(set) var specialTokensMask = TokenColumn<Bool>()
  /// False where padding added the token.
  public internal(set) var attentionMask = TokenColumn<Bool>()
  /// Which text each token comes from: 0, 1 of a pair, or nil for added tokens.
  public internal(set) var sequenceIndices = TokenColumn<Int?>()
  /// What truncation cut off, in pieces of the same size.
  public internal(set) var overflowing: [Encoding] = []
  /// Knows the tokens' spellings.
  private var tokenizer: Tokenizer.Parts?

  /// An encoding without tokens.
  public init() {}

  init(
    ids: [TokenID], offsets: TokenOffsets, typeID: UInt32, sequenceIndex: Int?, isSpecial: Bool
  ) {
    self.ids = ids
    self.offsets = offsets
    typeIDs = TokenColumn(repeating: typeID, count: ids.count)
    specialTokensMask = TokenColumn(repeating: isSpecial, count: ids.count)
    attentionMask = TokenColumn(repeating: true, count: ids.count)
    sequenceIndices = TokenColumn(repeating: sequenceIndex, count: ids.count)
  }

  /// How many tokens there are.
  public var count: Int { ids.count }

  /// The tokens as their file spells them, such as `Ġhello`, worked out when asked for.
  ///
  /// Empty for an id that has no token.
  public var tokens: [String] {
    ids.map { tokenizer?.token($0) ?? "" }
  }

  /// The same encoding, with what spells its tokens and those of its overflow.
  func spelled(by tokenizer: Tokenizer.Parts) -> Encoding {
    var result = self
    result.tokenizer = tokenizer
    result.overflowing = overflowing.map { $0.spelled(by: tokenizer) }
    return result
  }

  /// Where each token stands in Unicode scalars, as Hugging Face's `offsets` count.
  ///
  /// - Parameters:
  ///   - text: The text that was encoded.
  ///   - pair: The second text of a pair.
  /// - Returns: A range for each token; a token of part of a scalar has all of it.
  public func scalarOffsets(in text: String, pair: String = "") -> [Range<Int>] {
    let indices = [Self.scalarIndices(text), Self.scalarIndices(pair)]
    return offsets.indices.map { place in
      let range = offsets[place]
      guard let sequence = sequenceIndices[place] else { return 0..<0 }
      let scalars = indices[sequence]
      // Another text than the one that was encoded may be shorter.
      guard range.upperBound < scalars.count else { return 0..<0 }
      let start = scalars[range.lowerBound]
      return start..<(range.isEmpty ? start : scalars[range.upperBound - 1] + 1)
    }
  }

  /// The index of the scalar that each byte belongs to, and at the end how many there are.
  private static func scalarIndices(_ text: String) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(text.utf8.count + 1)
    var count = -1
    for byte in text.utf8 {
      if byte & 0xC0 != 0x80 { count += 1 }
      indices.append(count)
    }
    indices.append(count + 1)
    return indices
  }

  /// A part of this encoding, without overflow.
  func part(_ range: Range<Int>) -> Encoding {
    var result = Encoding()
    result.ids = Array(ids[range])
    result.offsets = offsets.part(range)
    result.typeIDs = typeIDs.part(range)
    result.specialTokensMask = specialTokensMask.part(range)
    result.attentionMask = attentionMask.part(range)
    result.sequenceIndices = sequenceIndices.part(range)
    return result
  }

  /// Appends another encoding; overflow is paired with overflow as the reference pairs it.
  mutating func append(_ other: Encoding) {
    var overflow: [Encoding] = []
    for mine in overflowing {
      overflow.append(mine.appending(other))
      for theirs in other.overflowing { overflow.append(mine.appending(theirs)) }
    }
    for theirs in other.overflowing { overflow.append(part(0..<count).appending(theirs)) }
    ids += other.ids
    offsets += other.offsets
    typeIDs += other.typeIDs
    specialTokensMask += other.specialTokensMask
    attentionMask += other.attentionMask
    sequenceIndices += other.sequenceIndices
    overflowing = overflow
  }

  private func appending(_ other: Encoding) -> Encoding {
    var result = part(0..<count)
    result.append(other.part(0..<other.count))
    return result
  }
}
