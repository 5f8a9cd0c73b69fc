// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A text that stays where it is as long as a render goes on.
///
/// It is one of the conversation's, of the template's, or one that the render made. Passing it on
/// copies nothing and counts no references.
@safe
struct HeldText: BitwiseCopyable {
  private let base: UnsafePointer<UInt8>
  /// In bytes.
  let count: Int

  /// A text at an address, where the render keeps it.
  @unsafe @inline(__always)
  init(_ base: UnsafePointer<UInt8>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  var isEmpty: Bool { count == 0 }

  /// Where it lies.
  @inline(__always)
  var address: UInt { UInt(bitPattern: unsafe base) }

  /// A part, by byte offsets.
  @inline(__always)
  func part(_ range: Range<Int>) -> HeldText {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: the part lies inside the text.
    return unsafe HeldText(base + range.lowerBound, count: range.count)
  }

  /// Whether it starts and ends with ASCII that can be seen; it must not be empty.
  @inline(__always)
  var isInked: Bool {
    precondition(count > 0)
    // SAFETY: there is a first and a last byte.
    return unsafe 0x21...0x7E ~= base[0] && 0x21...0x7E ~= base[count - 1]
  }

  /// Gives the bytes for the length of a call.
  @inline(__always)
  func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = unsafe UnsafeBufferPointer(start: base, count: count)
    // SAFETY: whoever has the text has a render that holds it.
    return body(unsafe bytes.span)
  }

  /// Whether another text stands somewhere in it.
  func contains(_ part: HeldText) -> Bool {
    withSpan { bytes in
      part.withSpan { TextScanning.find($0, in: bytes, 0..<bytes.count) != nil }
    }
  }

  /// A copy.
  var string: String {
    unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
  }
}

/// Copies bytes to other memory, short ones without a call.
@unsafe @inline(__always)
func copyBytes(
  from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
) {
  // SAFETY: each store lies inside the first `count` bytes; two of them may overlap.
  @inline(__always)
  func ends<Word: BitwiseCopyable>(_ word: Word.Type) {
    let last = count - MemoryLayout<Word>.size
    let head = unsafe source.loadUnaligned(as: word)
    let tail = unsafe source.loadUnaligned(fromByteOffset: last, as: word)
    unsafe target.storeBytes(of: head, as: word)
    unsafe target.storeBytes(of: tail, toByteOffset: last, as: word)
  }
  switch count {
  case 33...: unsafe memcpy(target, source, count)
  case 16...: ends(SIMD16<UInt8>.self)
  case 8...: ends(UInt64.self)
  case 4...: ends(UInt32.self)
  case 2...: ends(UInt16.self)
  case 1: unsafe target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
  default: break
  }
}
