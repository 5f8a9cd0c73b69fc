// SPDX-License-Identifier: Apache-2.0

import BinaryInput

/// The tables of a compiled tokenizer, used where the file is mapped.
///
/// The file must never change under the mapping: writers put a new one in its place.
@safe
package final class MappedTables: Sendable {
  private struct Section {
    var tag: UInt32
    var elementSize: Int
    var offset: Int
    var count: Int
  }

  private let file: MappedFile
  private let base: UInt
  private let sections: [Section]

  /// Maps a file; nil where there is none, where it is damaged in any way, of another version, for
  /// another key, or where other users can change it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: Whom the file must be for.
  package init?(path: String, key: [UInt8]) {
    guard let file = try? MappedFile(path: path, isReadWhole: true), file.isPrivate else {
      return nil
    }
    var found: (base: UInt, sections: [Section])?
    // SAFETY: the address stays valid as long as the file, which self keeps.
    unsafe file.withBytes { bytes in
      if let sections = unsafe Self.sections(bytes) {
        found = (UInt(bitPattern: bytes.baseAddress), sections)
      }
    }
    guard let found else { return nil }
    self.file = file
    (base, sections) = found
    guard self.bytes(.key) == key else { return nil }
  }

  /// The sections of a file whose header, checksum and ranges are right.
  private static func sections(_ bytes: UnsafeRawBufferPointer) -> [Section]? {
    var cursor = unsafe ByteCursor(bytes)
    guard cursor.integer(UInt64.self) == TableArchive.magic,
      cursor.integer(UInt32.self) == TableArchive.version,
      let sectionCount = cursor.integer(UInt32.self), sectionCount <= TableArchive.sectionLimit,
      let size = cursor.integer(UInt64.self), size == UInt64(bytes.count),
      let checksum = cursor.integer(UInt64.self)
    else { return nil }
    let seed = TableArchive.seed(
      version: TableArchive.version, sectionCount: sectionCount, size: size)
    let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[TableArchive.headerSize...])
    guard unsafe TableChecksum.of(body, seed: seed) == checksum else { return nil }
    var sections: [Section] = []
    for _ in 0..<sectionCount {
      guard let tag = cursor.integer(UInt32.self), let elementSize = cursor.integer(UInt32.self),
        let offset = cursor.integer(UInt64.self), let count = cursor.integer(UInt64.self),
        offset <= size, offset % UInt64(TableArchive.alignment) == 0, elementSize > 0,
        count <= (size - offset) / UInt64(elementSize)
      else { return nil }
      sections.append(
        Section(
          tag: tag, elementSize: Int(elementSize), offset: Int(offset), count: Int(count)))
    }
    return sections
  }

  /// A section's elements, where it has elements of this size.
  func table<Element>(_ tag: TableArchive.Tag, of type: Element.Type = Element.self)
    -> ConstantTable<Element>?
  {
    guard let section = sections.first(where: { $0.tag == tag.rawValue }),
      section.elementSize == MemoryLayout<Element>.stride,
      MemoryLayout<Element>.alignment <= TableArchive.alignment
    else { return nil }
    return ConstantTable(self, at: base + UInt(section.offset), count: section.count)
  }

  /// A copy of a section of bytes.
  package func bytes(_ tag: TableArchive.Tag) -> [UInt8]? {
    table(tag, of: UInt8.self)?.elements
  }
}
