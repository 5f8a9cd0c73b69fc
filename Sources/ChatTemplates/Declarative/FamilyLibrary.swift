// SPDX-License-Identifier: Apache-2.0

import Glibc
import TemplateLibrary
import TextPrimitives

/// The family files that are compiled into the program.
enum FamilyLibrary {
  /// One file, with what its head says of its names.
  struct Entry: Sendable {
    let name: String
    let aliases: [String]
    let isAbstract: Bool
    /// Where the file stands in the library.
    fileprivate let range: Range<Int>

    /// The file's text, decoded anew with every call.
    var text: String {
      unsafe FamilyLibrary.withBytes { unsafe String(decoding: $0[range], as: UTF8.self) }
    }
  }

  /// All files, in the order of the library.
  static let entries: [Entry] = unsafe withBytes { bytes in
    var entries: [Entry] = []
    var start = 0
    while start < bytes.count {
      let end = unsafe end(of: start, in: bytes)
      if let entry = unsafe Entry(head: bytes[start..<end]) { entries.append(entry) }
      start = end + 1
    }
    return entries
  }

  /// The file of a family, by name or alias.
  static func entry(named name: String) -> Entry? {
    entries.first { $0.name == name || $0.aliases.contains(name) }
  }

  private static func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    var size = 0
    // SAFETY: the library's bytes are constants of the program, `size` of them.
    let start = unsafe dialect_family_files(&size)
    return unsafe body(UnsafeBufferPointer(start: start, count: size))
  }

  /// Where the file ends that starts at an offset: at a zero, or where the library ends.
  private static func end(of start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = bytes.baseAddress else { return start }
    // SAFETY: the search stays within the bytes.
    let found = unsafe memchr(base + start, 0, bytes.count - start)
    guard let found = unsafe found else { return bytes.count }
    return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }
}

extension FamilyLibrary.Entry {
  /// Reads the names from the lines `family: "…"` and `aliases: ["…", …]`.
  ///
  /// So a family is found without parsing all of them.
  fileprivate init?(head bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    var names: [String] = []
    var aliases: [String] = []
    var isAbstract = false
    var rest = unsafe bytes
    while let end = unsafe rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = unsafe rest[..<end]
      unsafe rest = rest[(end + 1)...]
      if unsafe line.starts(with: "family: ".utf8) { names = unsafe Self.quoted(line) }
      if unsafe line.starts(with: "aliases: ".utf8) { aliases = unsafe Self.quoted(line) }
      if unsafe line.starts(with: "abstract: true".utf8) { isAbstract = true }
      // The names stand in a file's head, before what describes it.
      if unsafe line.starts(with: "source:".utf8) { break }
    }
    guard let name = names.first else { return nil }
    self.init(
      name: name, aliases: aliases, isAbstract: isAbstract,
      range: unsafe bytes.startIndex..<bytes.endIndex)
  }

  private static func quoted(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> [String] {
    var texts: [String] = []
    var rest = unsafe line
    while let open = unsafe rest.firstIndex(of: UInt8(ascii: "\"")) {
      unsafe rest = rest[(open + 1)...]
      guard let close = unsafe rest.firstIndex(of: UInt8(ascii: "\"")) else { break }
      texts.append(unsafe String(decoding: rest[..<close], as: UTF8.self))
      unsafe rest = rest[(close + 1)...]
    }
    return texts
  }
}
