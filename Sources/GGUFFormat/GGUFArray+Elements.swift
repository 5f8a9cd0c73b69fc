// SPDX-License-Identifier: Apache-2.0

import BinaryInput

extension GGUFArray {
  /// Calls the body with the byte range of each string, absolute in the file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file, of which the header was read.
  ///   - body: What to do with each.
  /// - Returns: False where the elements are no strings.
  /// - Throws: What the body throws.
  public func forEachString<Failure: Error>(
    in bytes: UnsafeRawBufferPointer, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    guard elementType == .string else { return false }
    var cursor = unsafe ByteCursor(bytes)
    guard cursor.seek(to: byteRange.lowerBound) else { return false }
    for _ in 0..<count {
      guard let length = cursor.integer(UInt64.self), let size = Int(exactly: length),
        let range = cursor.take(size)
      else { return false }
      try body(range)
    }
    return true
  }

  /// The elements of an array of integers; nil where they are none or one does not fit.
  public func integers(in bytes: UnsafeRawBufferPointer) -> [Int]? {
    var cursor = unsafe ByteCursor(bytes)
    guard cursor.seek(to: byteRange.lowerBound) else { return nil }
    var result: [Int] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      let value: Int? =
        switch elementType {
        case .uint8: cursor.integer(UInt8.self).map { Int($0) }
        case .int8: cursor.integer(Int8.self).map { Int($0) }
        case .uint16: cursor.integer(UInt16.self).map { Int($0) }
        case .int16: cursor.integer(Int16.self).map { Int($0) }
        case .uint32: cursor.integer(UInt32.self).map { Int($0) }
        case .int32: cursor.integer(Int32.self).map { Int($0) }
        case .uint64: cursor.integer(UInt64.self).flatMap { Int(exactly: $0) }
        case .int64: cursor.integer(Int64.self).map { Int($0) }
        case .float32, .float64, .bool, .string, .array: nil
        }
      guard let value else { return nil }
      result.append(value)
    }
    return result
  }

  /// The elements of an array of 32-bit floats; nil where they are none.
  public func floats(in bytes: UnsafeRawBufferPointer) -> [Float]? {
    guard elementType == .float32 else { return nil }
    var cursor = unsafe ByteCursor(bytes)
    guard cursor.seek(to: byteRange.lowerBound) else { return nil }
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      guard let value = cursor.float() else { return nil }
      result.append(value)
    }
    return result
  }
}
