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

  private struct Content {
    var sections: [Section]
    var checksums: (first: UInt64, second: UInt64)
  }

  private let file: MappedFile
  private let base: UInt
  private let content: Content

  /// Maps a file; nil where there is none, where it is of another version, for another key, or where
  /// other users can change it.
  ///
  /// Whether it is damaged ``isIntact(_:)`` tells of each half. What is read before must bear any
  /// bytes.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: Whom the file must be for.
  package init?(path: String, key: [UInt8]) {
    guard let file = try? MappedFile(path: path), file.isPrivate else { return nil }
    var found: (base: UInt, content: Content)?
    // SAFETY: the address stays valid as long as the file, which self keeps.
    unsafe file.withBytes { bytes in
      if let content = unsafe Self.content(bytes) {
        found = (UInt(bitPattern: bytes.baseAddress), content)
      }
    }
    guard let found else { return nil }
    self.file = file
    (base, content) = found
    guard self.bytes(.key) == key else { return nil }
  }

  /// Whether a half of the file is as it was written.
  package func isIntact(_ half: TableArchive.Half) -> Bool {
    file.fetch(half.range(ofFile: file.count))
    let checksum = unsafe file.withBytes { bytes in
      unsafe TableArchive.checksum(of: half, bytes, sectionCount: UInt32(content.sections.count))
    }
    return checksum == (half == .first ? content.checksums.first : content.checksums.second)
  }

  /// The content of a file whose header and ranges are right.
  private static func content(_ bytes: UnsafeRawBufferPointer) -> Content? {
    var cursor = unsafe ByteCursor(bytes)
    guard cursor.integer(UInt64.self) == TableArchive.magic,
      cursor.integer(UInt32.self) == TableArchive.version,
      let sectionCount = cursor.integer(UInt32.self), sectionCount <= TableArchive.sectionLimit,
      let size = cursor.integer(UInt64.self), size == UInt64(bytes.count),
      let first = cursor.integer(UInt64.self), let second = cursor.integer(UInt64.self)
    else { return nil }
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
    return Content(sections: sections, checksums: (first, second))
  }

  /// A section's elements, where it has elements of this size.
  func table<Element>(_ tag: TableArchive.Tag, of type: Element.Type = Element.self)
    -> ConstantTable<Element>?
  {
    guard let section = content.sections.first(where: { $0.tag == tag.rawValue }),
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
