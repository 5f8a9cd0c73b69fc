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
/// | 24 | 8 each | the checksums of both halves of what follows, seeded with what stands before |
/// | 40 | 24 each | sections: tag (4), size of an element (4), offset (8), count (8) |
///
/// Every section starts at a multiple of 64. The second half starts at a page, so that two threads
/// can look the halves over.
package enum TableArchive {
  static let magic: UInt64 = 0x5443_454C_4149_4401
  /// Changes whenever a table or its meaning does.
  static let version: UInt32 = 11
  static let headerSize = 40
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
    case trieLateTokens
    case graphExceptions
    case graphRuleFilter
    case seams
  }

  /// What has a checksum of its own.
  package enum Half: Sendable {
    case first, second

    /// The half of a file of some size, at least that of the header.
    func range(ofFile size: Int) -> Range<Int> {
      let middle = max(headerSize, size / 2 & ~4095)
      return self == .first ? headerSize..<middle : middle..<size
    }
  }

  /// The checksum of a half of a file, whose header need not be filled in.
  static func checksum(
    of half: Half, _ file: UnsafeRawBufferPointer, sectionCount: UInt32
  ) -> UInt64 {
    let part = half.range(ofFile: file.count)
    return unsafe TableChecksum.of(
      UnsafeRawBufferPointer(rebasing: file[part]),
      seed: seed(version: version, sectionCount: sectionCount, size: UInt64(file.count)))
  }

  /// The seed that makes the header a part of what is checked.
  private static func seed(version: UInt32, sectionCount: UInt32, size: UInt64) -> UInt64 {
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
    var file = [UInt8](repeating: 0, count: TableArchive.headerSize)
    var offsets: [Int] = []
    for section in sections {
      offset = (offset + TableArchive.alignment - 1) & ~(TableArchive.alignment - 1)
      offsets.append(offset)
      Self.append(section.tag, to: &file)
      Self.append(UInt32(section.elementSize), to: &file)
      Self.append(UInt64(offset), to: &file)
      Self.append(UInt64(section.count), to: &file)
      offset += section.bytes.count
    }
    file.reserveCapacity(offset)
    for (section, start) in zip(sections, offsets) {
      file.append(contentsOf: repeatElement(0, count: start - file.count))
      file += section.bytes
    }
    file.replaceSubrange(..<TableArchive.headerSize, with: header(of: file))
    return file
  }

  private func header(of file: [UInt8]) -> [UInt8] {
    let sectionCount = UInt32(sections.count)
    var header: [UInt8] = []
    Self.append(TableArchive.magic, to: &header)
    Self.append(TableArchive.version, to: &header)
    Self.append(sectionCount, to: &header)
    Self.append(UInt64(file.count), to: &header)
    for half in [TableArchive.Half.first, .second] {
      let checksum = unsafe file.withUnsafeBytes { bytes in
        unsafe TableArchive.checksum(of: half, bytes, sectionCount: sectionCount)
      }
      Self.append(checksum, to: &header)
    }
    return header
  }

  private static func append<Value: FixedWidthInteger>(_ value: Value, to output: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value) { unsafe output.append(contentsOf: $0) }
  }
}
