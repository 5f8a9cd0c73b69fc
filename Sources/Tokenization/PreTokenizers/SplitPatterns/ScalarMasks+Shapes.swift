// SPDX-License-Identifier: Apache-2.0

extension ScalarMasks.Tables {
  /// Where a shape's match that starts at a place ends, without its rest, or -1.
  @inline(__always)
  func match(
    _ shape: PatternShape, _ text: Span<UInt8>, _ place: Int,
    _ first: (mask: UInt64, length: Int)
  ) -> Int {
    if first.mask & shape.optional != 0 {
      let start = place &+ first.length
      let end = body(shape, text, start, scalar(text, start))
      if end >= 0 || !shape.optionalOverlaps { return end }
    }
    return body(shape, text, place, first)
  }

  @inline(__always)
  private func body(
    _ shape: PatternShape, _ text: Span<UInt8>, _ place: Int,
    _ first: (mask: UInt64, length: Int)
  ) -> Int {
    switch shape.form {
    case .other: return -1
    case .runs:
      guard first.mask & shape.a != 0 else { return -1 }
      let end = endOfRun(shape.a, text, place &+ first.length)
      return shape.b == 0 ? end : endOfRun(shape.b, text, end)
    case .counted:
      guard first.mask & shape.a != 0 else { return -1 }
      var (end, count) = (place &+ first.length, Int32(1))
      while count < shape.maximum {
        let (mask, length) = scalar(text, end)
        if mask & shape.a == 0 { break }
        end &+= length
        count &+= 1
      }
      return end
    case .overlapping: return overlapping(shape, text, place, first)
    case .lastOf:
      var (last, next, here) = (-1, place, first)
      while here.mask & shape.a != 0 {
        next &+= here.length
        if here.mask & shape.b != 0 { last = next }
        here = scalar(text, next)
      }
      return last
    case .allButLast:
      guard first.mask & shape.a != 0 else { return -1 }
      var (previous, next, here) = (-1, place, first)
      repeat {
        if next > place { previous = next }
        next &+= here.length
        here = scalar(text, next)
      } while here.mask & shape.a != 0
      return next == text.count ? next : previous
    case .toTextEnd:
      guard first.mask & shape.a != 0 else { return -1 }
      let end = endOfRun(shape.a, text, place &+ first.length)
      return end == text.count ? end : -1
    }
  }

  /// `a*b+`: what follows the run of `a` is `b+`, or the last scalar of the run that is in `b` is.
  @inline(__always)
  private func overlapping(
    _ shape: PatternShape, _ text: Span<UInt8>, _ place: Int,
    _ first: (mask: UInt64, length: Int)
  ) -> Int {
    var (last, next, here) = (-1, place, first)
    while here.mask & shape.a != 0 {
      next &+= here.length
      if here.mask & shape.b != 0 { last = next }
      here = scalar(text, next)
    }
    if here.mask & shape.b != 0 { return endOfRun(shape.b, text, next &+ here.length) }
    return last
  }

  @inline(__always)
  private func endOfRun(_ mask: UInt64, _ text: Span<UInt8>, _ place: Int) -> Int {
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
        next &+= length
      }
    }
    return next
  }
}
