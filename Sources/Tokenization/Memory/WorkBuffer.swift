// SPDX-License-Identifier: Apache-2.0

import CProcessor
import Glibc
import TextNormalization

/// Memory of fixed size that inner loops read and write without a check of the index.
///
/// It starts as zeros, and the system provides a page of it when it is first touched. Whoever has a
/// buffer must be the only one to use it: an ``EncodingContext`` belongs to one call at a time.
@safe
final class WorkBuffer<Element: BitwiseCopyable & Sendable>: Sendable {
  private let memory: TableMemory
  let count: Int

  init(count: Int) {
    self.count = count
    memory = TableMemory(size: count * MemoryLayout<Element>.stride)
  }

  /// A buffer that will be written all over, whose pages come at once.
  init(filling count: Int) {
    self.count = count
    memory = TableMemory(size: count * MemoryLayout<Element>.stride, isFilled: true)
  }

  /// Where the elements lie, as long as we live.
  var address: UInt { memory.address }

  var view: View {
    // SAFETY: the memory has room for the elements and lives as long as we do.
    unsafe View(memory.elements(Element.self), count)
  }

  /// The elements; a debug build checks each index.
  @safe
  struct View {
    fileprivate let base: UnsafeMutablePointer<Element>
    let count: Int

    @unsafe
    init(_ base: UnsafeMutablePointer<Element>, _ count: Int) {
      unsafe self.base = base
      self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> Element {
      get {
        assert(index >= 0 && index < count)
        return unsafe base[index]
      }
      nonmutating set {
        assert(index >= 0 && index < count)
        unsafe base[index] = newValue
      }
    }

    /// Asks for an element to be brought near, without waiting.
    @inline(__always)
    func prefetch(_ index: Int) {
      unsafe dialect_prefetch(base + index)
    }

    /// Sets the first elements to zero.
    func clear(_ length: Int) {
      assert(length <= count)
      unsafe memset(base, 0, length * MemoryLayout<Element>.stride)
    }

    /// Copies elements to another place, which may overlap theirs.
    func move(_ range: Range<Int>, to index: Int) {
      assert(range.lowerBound >= 0 && range.upperBound <= count && index + range.count <= count)
      unsafe memmove(
        base + index, base + range.lowerBound, range.count * MemoryLayout<Element>.stride)
    }

    /// Appends the first elements to an array.
    func append(_ length: Int, to array: inout [Element]) {
      assert(length <= count)
      unsafe array.append(contentsOf: UnsafeBufferPointer(start: base, count: length))
    }
  }
}

extension WorkBuffer<UInt32>.View {
  /// Writes two elements at once, the lower half of the word first.
  @inline(__always)
  func storePair(_ pair: UInt64, at index: Int) {
    assert(index >= 0 && index + 1 < count)
    // SAFETY: both elements are within the buffer, by the assertion's condition.
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: pair, as: UInt64.self)
  }
}

extension WorkBuffer<UInt8>.View {
  /// The bytes as text; valid as long as the buffer.
  func text(_ range: Range<Int>) -> TextView {
    assert(range.upperBound <= count)
    return unsafe TextView(UnsafePointer(base + range.lowerBound), range.count)
  }

  /// The bytes, to be looked up and compared; valid as long as the buffer.
  var slices: ByteSlices {
    unsafe ByteSlices(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Writes some bytes; gives where they end.
  func write(_ bytes: ByteSlices, at index: Int) -> Int {
    precondition(index >= 0 && index + bytes.count <= count)
    guard let start = unsafe bytes.start else { return index }
    // SAFETY: there is room, by the precondition.
    unsafe memcpy(base + index, start, bytes.count)
    return index + bytes.count
  }

  /// Writes bytes of a text.
  @inline(__always)
  func write(_ text: TextView, _ range: Range<Int>, at index: Int) {
    assert(index >= 0 && index + range.count <= count && range.upperBound <= text.count)
    unsafe memcpy(base + index, text.base + range.lowerBound, range.count)
  }

  /// Writes the bytes that a spelling in the byte alphabet stands for, and anything into
  /// ``ByteAlphabet/writingSlack`` bytes behind them; gives where they end, or nil where a letter
  /// is outside the alphabet.
  @inline(__always)
  func write(
    bytesSpelledBy range: Range<Int>, of text: ByteSlices, _ values: ConstantTable<UInt16>.View,
    at index: Int
  ) -> Int? {
    precondition(index >= 0 && index + range.count + ByteAlphabet.writingSlack <= count)
    // SAFETY: there is room, by the precondition.
    return unsafe ByteAlphabet.write(bytesSpelledBy: range, of: text, values, to: base + index)
      .map { index + $0 }
  }

  /// Whether these bytes and those of a text are the same.
  @inline(__always)
  func equals(_ index: Int, _ text: TextView, _ range: Range<Int>) -> Bool {
    assert(index >= 0 && index + range.count <= count && range.upperBound <= text.count)
    return unsafe memcmp(base + index, text.base + range.lowerBound, range.count) == 0
  }

  /// A number of four bytes.
  @inline(__always)
  func number(at index: Int) -> UInt32 {
    assert(index >= 0 && index + 4 <= count)
    return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: UInt32.self)
  }

  /// Writes a number of four bytes.
  @inline(__always)
  func write(number: UInt32, at index: Int) {
    assert(index >= 0 && index + 4 <= count)
    unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: number, as: UInt32.self)
  }
}
