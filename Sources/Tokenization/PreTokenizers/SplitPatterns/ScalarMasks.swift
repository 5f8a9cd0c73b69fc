// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Which of a pattern's sets hold a scalar, a bit for each.
///
/// ASCII has a table of its own, which stays in the first-level cache. Blocks of 256 scalars that
/// have one value throughout share their storage.
final class ScalarMasks: Sendable {
  static let capacity = 64
  /// What a byte that is not UTF-8 counts as: an unassigned scalar.
  static let malformed: UInt32 = 0x10_FFFF

  /// 256 masks of bytes (0 from 0x80 on), then those of the blocks.
  private let values: ConstantTable<UInt64>
  /// Where in the values, in blocks of 256, each 256 scalars have theirs.
  private let blocks: ConstantTable<UInt16>

  /// At most ``capacity`` sets.
  init(_ sets: [ScalarSet]) {
    let (blocks, values) = Self.build(sets)
    self.blocks = ConstantTable(blocks)
    self.values = ConstantTable(values)
  }

  private static func build(_ sets: [ScalarSet]) -> (blocks: [UInt16], values: [UInt64]) {
    var changes: [(scalar: UInt32, bit: UInt64)] = []
    for (index, set) in sets.enumerated() {
      for range in set.ranges {
        changes.append((range.lowerBound, 1 << UInt64(index)))
        changes.append((range.upperBound + 1, 1 << UInt64(index)))
      }
    }
    changes.sort { $0.scalar < $1.scalar }
    var blocks: [UInt16] = []
    var values = [UInt64](repeating: 0, count: 256)
    blocks.reserveCapacity(0x1100)
    var uniform: [UInt64: UInt16] = [:]
    var (mask, next) = (UInt64(0), 0)
    for block in UInt32(0)..<0x1100 {
      let end = (block + 1) << 8
      // What changes at the block's first scalar leaves it uniform.
      while next < changes.count, changes[next].scalar <= block << 8 {
        mask ^= changes[next].bit
        next += 1
      }
      if next == changes.count || changes[next].scalar >= end {
        if uniform[mask] == nil {
          uniform[mask] = UInt16(values.count >> 8)
          values.append(contentsOf: repeatElement(mask, count: 256))
        }
        blocks.append(uniform[mask] ?? 0)
        continue
      }
      blocks.append(UInt16(values.count >> 8))
      for scalar in (block << 8)..<end {
        while next < changes.count, changes[next].scalar <= scalar {
          mask ^= changes[next].bit
          next += 1
        }
        values.append(mask)
      }
    }
    let first = Int(blocks[0]) << 8
    for byte in 0..<128 { values[byte] = values[first | byte] }
    return (blocks, values)
  }
}

extension ScalarMasks {
  /// The tables as the matcher's inner loops read them.
  var tables: Tables { Tables(values: values.view, blocks: blocks.view) }

  struct Tables {
    // A value for each byte, a block for each scalar, and 256 values for each block: no index that
    // comes from a text is out of bounds.
    let values: ConstantTable<UInt64>.View
    let blocks: ConstantTable<UInt16>.View

    /// The mask of the scalar at a place and its length; no mask and no length at the end.
    @inline(__always)
    func scalar(_ text: Span<UInt8>, _ place: Int) -> (mask: UInt64, length: Int) {
      guard place < text.count else { return (0, 0) }
      // SAFETY: the place is within the text.
      let byte = unsafe text[unchecked: place]
      if byte < 0x80 { return (values[Int(byte)], 1) }
      return beyondASCII(text, place)
    }

    @inline(__always)
    func beyondASCII(_ text: Span<UInt8>, _ place: Int) -> (mask: UInt64, length: Int) {
      let (decoded, length) = UTF8Scalars.decode(text, at: place)
      let scalar = min(decoded, ScalarMasks.malformed)
      let block = Int(blocks[Int(scalar &>> 8)])
      return (values[block &<< 8 | Int(scalar & 0xFF)], length)
    }

    /// Moves on over scalars of a run's mask.
    ///
    /// - Returns: Where the run is as short as it may be, or -1 where it is too short.
    @inline(__always)
    func run(
      _ step: PatternProgram.Instruction, _ text: Span<UInt8>, _ place: inout Int
    ) -> Int {
      let mask = step.mask
      if step.minimum <= 1, step.maximum == .max {
        let start = place
        var floor = place
        var next = place
        let end = text.count
        while next < end {
          // SAFETY: the place is within the text.
          let byte = unsafe text[unchecked: next]
          if byte < 0x80 {
            if values[Int(byte)] & mask == 0 { break }
            next &+= 1
          } else {
            let (itsMask, length) = beyondASCII(text, next)
            if itsMask & mask == 0 { break }
            if next == start { floor = start + length }
            next &+= length
          }
        }
        place = next
        if step.minimum == 0 { return start }
        if next == start { return -1 }
        return max(floor, start + 1)
      }
      return countedRun(step, text, &place)
    }

    private func countedRun(
      _ step: PatternProgram.Instruction, _ text: Span<UInt8>, _ place: inout Int
    ) -> Int {
      var (count, floor) = (Int32(0), place)
      while count < step.maximum {
        let (mask, length) = scalar(text, place)
        if mask & step.mask == 0 { break }
        place += length
        count += 1
        if count == step.minimum { floor = place }
      }
      return count < step.minimum ? -1 : floor
    }
  }
}
