// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TextPrimitives

/// Walks through the header, one bounds-checked read after the other.
@safe
struct GGUFReader {
  /// Levels of arrays in arrays; no known file has any.
  private static let nestingLimit = 8
  /// The specification's limits.
  private static let keyLimit: UInt64 = 65_535
  private static let dimensionLimit: UInt32 = 4

  private let bytes: UnsafeRawBufferPointer
  private var cursor: ByteCursor
  /// The key or tensor being read, for messages.
  private var entry: String?

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    cursor = unsafe ByteCursor(bytes)
  }

  mutating func readPreamble() throws(GGUFError) -> (
    version: UInt32, tensors: UInt64, metadata: UInt64
  ) {
    let magic: [UInt8] = Array("GGUF".utf8)
    guard unsafe bytes.prefix(4).elementsEqual(magic) else { throw error(.notGGUF) }
    _ = cursor.take(4)
    let version = try integer(UInt32.self, "the version")
    if version.byteSwapped == 2 || version.byteSwapped == 3 { throw error(.bigEndian, back: 4) }
    guard version == 2 || version == 3 else { throw error(.unsupportedVersion(version), back: 4) }
    let tensors = try integer(UInt64.self, "the number of tensors")
    let metadata = try integer(UInt64.self, "the number of metadata entries")
    return (version, tensors, metadata)
  }

  // MARK: Metadata

  mutating func readMetadata(count: UInt64) throws(GGUFError) -> GGUFMetadata {
    // A key's length, a type and a value of one byte.
    try checkCount(count, of: "metadata entries", smallest: 13)
    var metadata = GGUFMetadata()
    for _ in 0..<count {
      entry = nil
      let start = cursor.offset
      let key = try key()
      entry = key.string
      let value = try value(of: try valueType(), depth: 0)
      guard metadata.append(key, value) else {
        throw GGUFError(.duplicateKey(key.string), at: start)
      }
    }
    entry = nil
    return metadata
  }

  private mutating func valueType() throws(GGUFError) -> GGUFValueType {
    let number = try integer(UInt32.self, "a value type")
    guard let type = GGUFValueType(rawValue: number) else {
      throw error(.unknownValueType(number), back: 4)
    }
    return type
  }

  private mutating func value(of type: GGUFValueType, depth: Int) throws(GGUFError) -> GGUFValue {
    switch type {
    case .uint8: .unsigned(UInt64(try integer(UInt8.self, "a value")))
    case .uint16: .unsigned(UInt64(try integer(UInt16.self, "a value")))
    case .uint32: .unsigned(UInt64(try integer(UInt32.self, "a value")))
    case .uint64: .unsigned(try integer(UInt64.self, "a value"))
    case .int8: .signed(Int64(try integer(Int8.self, "a value")))
    case .int16: .signed(Int64(try integer(Int16.self, "a value")))
    case .int32: .signed(Int64(try integer(Int32.self, "a value")))
    case .int64: .signed(try integer(Int64.self, "a value"))
    case .float32:
      .float(Double(Float(bitPattern: try integer(UInt32.self, "a value"))))
    case .float64: .float(Double(bitPattern: try integer(UInt64.self, "a value")))
    case .bool: .bool(try bool())
    case .string: .string(try string("a value"))
    case .array: .array(try array(depth: depth))
    }
  }

  private mutating func bool() throws(GGUFError) -> Bool {
    let byte = try integer(UInt8.self, "a value")
    guard byte <= 1 else { throw error(.invalidBool(byte), back: 1) }
    return byte == 1
  }

  private mutating func array(depth: Int) throws(GGUFError) -> GGUFArray {
    guard depth < Self.nestingLimit else {
      throw error(.nestingTooDeep(limit: Self.nestingLimit))
    }
    let type = try valueType()
    let count = try integer(UInt64.self, "the number of elements")
    // A string has at least its length, an array its type and count.
    try checkCount(count, of: "array elements", smallest: type.fixedSize ?? 8)
    let start = cursor.offset
    if let size = type.fixedSize {
      // The check above bounds the product.
      _ = cursor.take(Int(count) * size)
      if type == .bool { try checkBools(start..<cursor.offset) }
    } else if type == .string {
      for _ in 0..<count { _ = try stringRange("an array's string") }
    } else {
      for _ in 0..<count { _ = try array(depth: depth + 1) }
    }
    return GGUFArray(elementType: type, count: Int(count), byteRange: start..<cursor.offset)
  }

  private func checkBools(_ range: Range<Int>) throws(GGUFError) {
    for place in range {
      let byte = unsafe bytes[place]
      guard byte <= 1 else { throw GGUFError(.invalidBool(byte), at: place, entry: entry) }
    }
  }

  // MARK: Tensors

  mutating func readTensors(
    count: UInt64, alignment: Int
  ) throws(GGUFError) -> [GGUFTensor] {
    // A name's length, the number of dimensions, a type and an offset.
    try checkCount(count, of: "tensors", smallest: 24)
    var infos: [TensorInfo] = []
    infos.reserveCapacity(Int(count))
    var names: Set<ExactString> = []
    for _ in 0..<count {
      entry = nil
      let info = try tensorInfo(alignment: alignment)
      guard names.insert(info.name).inserted else {
        throw GGUFError(.duplicateTensor(info.name.string), at: info.place)
      }
      infos.append(info)
    }
    // Without tensors nothing has to follow.
    let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
    var tensors: [GGUFTensor] = []
    tensors.reserveCapacity(infos.count)
    for info in infos { tensors.append(try place(info, dataStart: dataStart)) }
    return tensors
  }

  private struct TensorInfo {
    let name: ExactString
    let dimensions: [Int]
    let type: GGUFTensorType
    let byteCount: UInt64
    let offset: UInt64
    /// Where its description stands.
    let place: Int
  }

  private mutating func tensorInfo(alignment: Int) throws(GGUFError) -> TensorInfo {
    let place = cursor.offset
    let name = try string("a tensor's name")
    entry = name.string
    let dimensionCount = try integer(UInt32.self, "the number of dimensions")
    guard dimensionCount <= Self.dimensionLimit else {
      throw error(.tooManyDimensions(dimensionCount), back: 4)
    }
    var dimensions: [Int] = []
    var elements: UInt64 = 1
    for _ in 0..<dimensionCount {
      let dimension = try integer(UInt64.self, "a dimension")
      let (product, overflows) = elements.multipliedReportingOverflow(by: dimension)
      guard !overflows, product <= UInt64(Int.max), dimension <= UInt64(Int.max) else {
        throw error(.sizeOverflow, back: 8)
      }
      elements = product
      dimensions.append(Int(dimension))
    }
    let number = try integer(UInt32.self, "a tensor's type")
    guard let type = GGUFTensorType(rawValue: number) else {
      throw error(.unknownTensorType(number), back: 4)
    }
    let row = UInt64(dimensions.first ?? 1)
    let block = type.block
    guard row % UInt64(block.elements) == 0 else {
      throw error(.rowNotWholeBlocks(row: row, block: block.elements))
    }
    let (size, overflows) = (elements / UInt64(block.elements))
      .multipliedReportingOverflow(by: UInt64(block.bytes))
    guard !overflows else { throw error(.sizeOverflow) }
    let offset = try integer(UInt64.self, "a tensor's offset")
    guard offset % UInt64(alignment) == 0 else {
      throw error(.misalignedOffset(offset, alignment: alignment), back: 8)
    }
    return TensorInfo(
      name: name, dimensions: dimensions, type: type, byteCount: size, offset: offset,
      place: place)
  }

  private func place(_ info: TensorInfo, dataStart: Int) throws(GGUFError) -> GGUFTensor {
    let (start, startOverflows) = UInt64(dataStart).addingReportingOverflow(info.offset)
    let (end, endOverflows) = start.addingReportingOverflow(info.byteCount)
    let size = unsafe bytes.count
    guard !startOverflows, !endOverflows, end <= UInt64(size) else {
      throw GGUFError(
        .tensorOutsideFile(end: startOverflows || endOverflows ? .max : end, size: size),
        at: info.place, entry: info.name.string)
    }
    return GGUFTensor(
      name: info.name, dimensions: info.dimensions, type: info.type,
      byteRange: Int(start)..<Int(end))
  }

  // MARK: Pieces

  private mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ what: String
  ) throws(GGUFError) -> Value {
    guard let value = cursor.integer(type) else {
      throw truncated(what, needed: UInt64(MemoryLayout<Value>.size))
    }
    return value
  }

  private mutating func stringRange(_ what: String) throws(GGUFError) -> Range<Int> {
    let length = try integer(UInt64.self, what)
    guard let count = Int(exactly: length), let range = cursor.take(count) else {
      throw truncated(what, needed: length)
    }
    return range
  }

  private mutating func string(_ what: String) throws(GGUFError) -> ExactString {
    let range = try stringRange(what)
    guard let text = unsafe ExactString(validating: bytes[range]) else {
      throw GGUFError(.invalidUTF8(what: what), at: range.lowerBound, entry: entry)
    }
    return text
  }

  private mutating func key() throws(GGUFError) -> ExactString {
    let what = "a metadata key"
    let length = try integer(UInt64.self, what)
    guard length <= Self.keyLimit else {
      throw error(.keyTooLong(length: length, limit: Self.keyLimit), back: 8)
    }
    _ = cursor.seek(to: cursor.offset - 8)
    return try string(what)
  }

  private func checkCount(
    _ count: UInt64, of what: String, smallest: Int
  ) throws(GGUFError) {
    guard count <= UInt64(cursor.remaining / smallest) else {
      throw error(
        .implausibleCount(what: what, count: count, present: cursor.remaining), back: 8)
    }
  }

  private func truncated(_ what: String, needed: UInt64) -> GGUFError {
    error(.truncated(what: what, needed: needed, present: cursor.remaining))
  }

  private func error(_ kind: GGUFError.Kind, back: Int = 0) -> GGUFError {
    GGUFError(kind, at: max(0, cursor.offset - back), entry: entry)
  }
}
