// SPDX-License-Identifier: Apache-2.0

/// The side at which tokens are cut off or added.
public enum EncodingSide: String, Hashable, Sendable {
  case left = "Left"
  case right = "Right"
}

/// How an encoding is cut to a length.
public struct Truncation: Hashable, Sendable {
  /// Which text of a pair is cut.
  public enum Strategy: String, Hashable, Sendable {
    case longestFirst = "LongestFirst"
    case onlyFirst = "OnlyFirst"
    case onlySecond = "OnlySecond"
  }

  /// The most tokens that remain, special tokens included.
  public var maxLength: Int
  /// How many tokens the pieces that are cut off share with the one before.
  public var stride: Int
  /// Which text of a pair is cut.
  public var strategy: Strategy
  /// Where tokens are cut off.
  public var side: EncodingSide

  /// A way of cutting.
  public init(
    maxLength: Int, stride: Int = 0, strategy: Strategy = .longestFirst,
    side: EncodingSide = .right
  ) {
    self.maxLength = maxLength
    self.stride = stride
    self.strategy = strategy
    self.side = side
  }
}

/// How encodings are filled up to a length.
public struct Padding: Hashable, Sendable {
  /// The length to reach.
  public enum Length: Hashable, Sendable {
    /// The longest encoding of the batch.
    case longest
    case fixed(Int)
  }

  /// The length to reach.
  public var length: Length
  /// Where tokens are added.
  public var side: EncodingSide
  /// The token that is added.
  public var id: TokenID
  /// The type id that added tokens have.
  public var typeID: UInt32
  /// Rounds the length up to a multiple of this.
  public var multipleOf: Int?

  /// A way of filling up.
  public init(
    length: Length = .longest, side: EncodingSide = .right, id: TokenID, typeID: UInt32 = 0,
    multipleOf: Int? = nil
  ) {
    self.length = length
    self.side = side
    self.id = id
    self.typeID = typeID
    self.multipleOf = multipleOf
  }
}

extension Encoding {
  /// Keeps `maxLength` tokens and moves the rest to `overflowing`, in pieces that share `stride`
  /// tokens.
  mutating func truncate(to maxLength: Int, stride: Int, side: EncodingSide)
    throws(TokenizerError)
  {
    guard maxLength < count else { return }
    guard maxLength > 0 else {
      let all = self
      self = Encoding()
      overflowing = [all]
      return
    }
    guard stride < maxLength else {
      throw TokenizerError(.strideTooLarge(stride: stride, maxLength: maxLength))
    }
    var ranges: [Range<Int>] = []
    var place = side == .right ? 0 : count
    while true {
      let range =
        side == .right
        ? place..<min(place + maxLength, count) : max(0, place - maxLength)..<place
      ranges.append(range)
      if side == .right ? range.upperBound == count : range.lowerBound == 0 { break }
      place += side == .right ? maxLength - stride : stride - maxLength
    }
    let parts = ranges.map(part)
    self = parts[0]
    overflowing = Array(parts.dropFirst())
  }

  /// Adds padding up to a length, to the overflow as well.
  mutating func pad(to length: Int, _ padding: Padding) {
    for index in overflowing.indices { overflowing[index].pad(to: length, padding) }
    guard length > count else { return }
    var filler = Encoding(
      ids: Array(repeating: padding.id, count: length - count),
      offsets: TokenOffsets(repeating: 0..<0, count: length - count), typeID: padding.typeID,
      sequenceIndex: nil, isSpecial: true)
    filler.attentionMask = TokenColumn(repeating: false, count: filler.count)
    let overflow = overflowing
    overflowing = []
    if padding.side == .right {
      append(filler)
    } else {
      filler.append(self)
      self = filler
    }
    overflowing = overflow
  }

  /// Pads a batch.
  static func pad(_ encodings: inout [Encoding], _ padding: Padding) {
    var length =
      switch padding.length {
      case .fixed(let length): length
      case .longest: encodings.map(\.count).max() ?? 0
      }
    if let multiple = padding.multipleOf, multiple > 0 {
      length = (length + multiple - 1) / multiple * multiple
    }
    for index in encodings.indices { encodings[index].pad(to: length, padding) }
  }
}
