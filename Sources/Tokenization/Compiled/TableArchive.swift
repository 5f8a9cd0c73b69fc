// SPDX-License-Identifier: Apache-2.0

/// The layout of a compiled tokenizer: a header, a list of sections, and the sections, which are
/// tables as memory has them.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 8 | ``magic``, which also tells the byte order |
/// | 8 | 4 | ``version`` |
/// | 12 | 4 | how many sections there are |
/// | 16 | 8 | the file's size |
/// | 24 | 8 | the checksum of what follows, seeded with what stands before |
/// | 32 | 24 each | sections: tag (4), size of an element (4), offset (8), count (8) |
///
/// Every section starts at a multiple of 64.
package enum TableArchive {
  static let magic: UInt64 = 0x5443_454C_4149_4401
  /// Changes whenever a table or its meaning does.
  static let version: UInt32 = 5
  static let headerSize = 32
  static let sectionSize = 24
  static let alignment = 64
  /// More sections than any tokenizer has.
  static let sectionLimit: UInt32 = 64

  /// What stands in a section.
  package enum Tag: UInt32 {
    /// Whom the file is for.
    case key = 1
    /// What is not a table, as JSON.
    case settings
    /// Numbers of the model.
    case facts
    case vocabularyBytes
    case vocabularyPlaces
    case vocabularySlots
    case merges
    case mergeSlots
    case graphTokens
    case graphOrders
    case graphSingles
    case graphBytePairs
    case graphRules
    case graphSplits
    case graphShorter
    case trieEdges
    case trieRoots
    case trieTokens
    case graphExceptions
  }

  /// The seed that makes the header a part of what is checked.
  static func seed(version: UInt32, sectionCount: UInt32, size: UInt64) -> UInt64 {
    magic ^ UInt64(version) << 32 ^ UInt64(sectionCount) ^ size << 8
  }
}

/// Puts the file of a compiled tokenizer together.
package struct TableArchiveWriter {
  private var sections: [(tag: UInt32, elementSize: Int, count: Int, bytes: [UInt8])] = []

  /// Starts without sections.
  package init() {}

  /// Adds bytes as they are.
  package mutating func add(_ tag: TableArchive.Tag, bytes: [UInt8]) {
    sections.append((tag.rawValue, 1, bytes.count, bytes))
  }

  mutating func add<Element>(_ tag: TableArchive.Tag, _ table: ConstantTable<Element>) {
    let size = MemoryLayout<Element>.stride
    // SAFETY: the elements are plain values without padding.
    let bytes = unsafe table.withElements { unsafe Array(UnsafeRawBufferPointer($0)) }
    sections.append((tag.rawValue, size, table.count, bytes))
  }

  /// The file's bytes.
  package consuming func finish() -> [UInt8] {
    var offset = TableArchive.headerSize + sections.count * TableArchive.sectionSize
    var list: [UInt8] = []
    var offsets: [Int] = []
    for section in sections {
      offset = (offset + TableArchive.alignment - 1) & ~(TableArchive.alignment - 1)
      offsets.append(offset)
      Self.append(section.tag, to: &list)
      Self.append(UInt32(section.elementSize), to: &list)
      Self.append(UInt64(offset), to: &list)
      Self.append(UInt64(section.count), to: &list)
      offset += section.bytes.count
    }
    var body = list
    body.reserveCapacity(offset)
    for (section, start) in zip(sections, offsets) {
      body.append(contentsOf: repeatElement(0, count: start - TableArchive.headerSize - body.count))
      body += section.bytes
    }
    let size = UInt64(TableArchive.headerSize + body.count)
    let seed = TableArchive.seed(
      version: TableArchive.version, sectionCount: UInt32(sections.count), size: size)
    let checksum = unsafe body.withUnsafeBytes { unsafe TableChecksum.of($0, seed: seed) }
    var file: [UInt8] = []
    file.reserveCapacity(Int(size))
    Self.append(TableArchive.magic, to: &file)
    Self.append(TableArchive.version, to: &file)
    Self.append(UInt32(sections.count), to: &file)
    Self.append(size, to: &file)
    Self.append(checksum, to: &file)
    return file + body
  }

  private static func append<Value: FixedWidthInteger>(_ value: Value, to output: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value) { unsafe output.append(contentsOf: $0) }
  }
}
