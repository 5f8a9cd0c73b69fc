// SPDX-License-Identifier: Apache-2.0

/// Tests of whole tables, several elements at a time.
///
/// An element is taken from the greatest one allowed, and the sign bits of all differences are
/// collected: the oldest processors of 64 bits have no comparison of unsigned numbers, and nothing
/// branches.
extension ConstantTable where Element: FixedWidthInteger {
  /// All bits of what a closure makes of the elements.
  @inline(__always)
  func bits(_ transform: (Element) -> Element) -> Element {
    let view = view
    var bits: Element = 0
    for index in 0..<count { bits |= transform(view[index]) }
    return bits
  }
}

extension ConstantTable<UInt32> {
  private static var sign: UInt32 { 1 << 31 }

  /// Whether all elements are below a limit, which is at most 2^31.
  func isBelow(_ limit: Int) -> Bool {
    guard limit > 0 else { return count == 0 }
    let greatest = UInt32(limit - 1)
    return bits { $0 | (greatest &- $0) } & Self.sign == 0
  }

  /// Whether all elements are below a limit, which is less than 2^31, or `UInt32.max`.
  func isBelowOrNone(_ limit: Int) -> Bool {
    let greatest = UInt32(max(limit, 0))
    return bits {
      let next = $0 &+ 1
      return next | (greatest &- next)
    } & Self.sign == 0
  }

  /// Whether the lower bits of all elements, as a mask has them, are below a limit.
  func isBelow(_ limit: Int, in mask: UInt32) -> Bool {
    guard limit > 0 else { return count == 0 }
    let greatest = UInt32(limit - 1)
    return bits { greatest &- ($0 & mask) } & Self.sign == 0
  }

  /// Whether the lower bits of all elements that are not 0 are from 1 up to a limit.
  func isCounted(upTo limit: Int, in mask: UInt32) -> Bool {
    let greatest = UInt32(limit)
    return bits {
      let number = $0 & mask
      return $0 == 0 ? 0 : (number &- 1) | (greatest &- number)
    } & Self.sign == 0
  }
}

extension ConstantTable<UInt64> {
  /// Whether a part of all elements is below a limit, which is at most 2^32.
  func isBelow(_ limit: Int, in mask: UInt64, shifted shift: UInt64) -> Bool {
    guard limit > 0 else { return count == 0 }
    let greatest = UInt64(limit - 1)
    return bits { greatest &- ($0 &>> shift & mask) } >> 63 == 0
  }

  /// Whether three numbers of 21 bits each are below a limit in all elements.
  func areTriplesBelow(_ limit: Int) -> Bool {
    guard limit > 0 else { return count == 0 }
    let (greatest, mask): (UInt64, UInt64) = (UInt64(limit - 1), 0x1F_FFFF)
    return bits {
      (greatest &- ($0 &>> 42 & mask)) | (greatest &- ($0 &>> 21 & mask))
        | (greatest &- ($0 & mask))
    } >> 63 == 0
  }
}

extension ConstantTable<Merge> {
  /// Whether the ids of all rules are below a limit, which is at most 2^31.
  func isBelow(_ limit: Int) -> Bool {
    guard limit > 0 else { return count == 0 }
    let (view, greatest) = (view, UInt32(limit - 1))
    var bits: UInt32 = 0
    for index in 0..<count {
      let rule = view[index]
      bits |= rule.left | rule.right | rule.merged
      bits |= (greatest &- rule.left) | (greatest &- rule.right) | (greatest &- rule.merged)
    }
    return bits >> 31 == 0
  }
}
