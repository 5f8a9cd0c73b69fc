// SPDX-License-Identifier: Apache-2.0

/// A byte for every scalar, found in two steps.
///
/// Blocks of 256 scalars that hold one value throughout share their storage, so a table takes some
/// tens of kilobytes.
public struct ScalarTable: Sendable {
  @usableFromInline var blocks: [UInt16]
  @usableFromInline var values: [UInt8]
  private var uniform: [UInt16?]

  /// A table that answers 0 for everything.
  public init() {
    blocks = [UInt16](repeating: 0, count: 0x1100)
    values = [UInt8](repeating: 0, count: 256)
    uniform = [UInt16?](repeating: nil, count: 256)
    uniform[0] = 0
  }

  /// A table whose bit *n* tells whether the *n*th set holds the scalar; at most 8 sets.
  public init(bits sets: [ScalarSet]) {
    self.init()
    for (bit, set) in sets.prefix(8).enumerated() {
      for range in set.ranges { insert(1 << UInt8(bit), in: range) }
    }
  }

  /// The value of a scalar; 0 for what is none.
  @inlinable public subscript(scalar: UInt32) -> UInt8 {
    guard scalar < 0x11_0000 else { return 0 }
    return values[Int(blocks[Int(scalar &>> 8)]) &<< 8 | Int(scalar & 0xFF)]
  }

  /// Sets a value for a range of scalars.
  public mutating func set(_ value: UInt8, in range: ClosedRange<UInt32>) {
    update(range) { _ in value }
  }

  /// Sets bits for a range of scalars.
  public mutating func insert(_ bits: UInt8, in range: ClosedRange<UInt32>) {
    update(range) { $0 | bits }
  }

  private mutating func update(_ range: ClosedRange<UInt32>, _ change: (UInt8) -> UInt8) {
    var next = Int(range.lowerBound)
    let end = Int(range.upperBound) + 1
    while next < end {
      let block = next >> 8
      let blockEnd = min((block + 1) << 8, end)
      let storage = Int(blocks[block]) << 8
      if blockEnd - next == 256, isUniform(blocks[block]) {
        blocks[block] = uniformBlock(change(values[storage]))
      } else {
        let own = ownBlock(block)
        for scalar in next..<blockEnd {
          values[own | scalar & 0xFF] = change(values[own | scalar & 0xFF])
        }
      }
      next = blockEnd
    }
  }

  private func isUniform(_ block: UInt16) -> Bool {
    uniform[Int(values[Int(block) << 8])] == block
  }

  private mutating func uniformBlock(_ value: UInt8) -> UInt16 {
    if let block = uniform[Int(value)] { return block }
    let block = UInt16(values.count >> 8)
    values.append(contentsOf: repeatElement(value, count: 256))
    uniform[Int(value)] = block
    return block
  }

  private mutating func ownBlock(_ block: Int) -> Int {
    let shared = blocks[block]
    guard isUniform(shared) else { return Int(shared) << 8 }
    let own = UInt16(values.count >> 8)
    values.append(contentsOf: repeatElement(values[Int(shared) << 8], count: 256))
    blocks[block] = own
    return Int(own) << 8
  }
}
