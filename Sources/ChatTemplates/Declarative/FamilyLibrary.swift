// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TemplateLibrary
import TextPrimitives

/// The family files that are compiled into the program.
enum FamilyLibrary {
  /// One file, with what its head says of its names.
  struct Entry: Sendable {
    let name: String
    let aliases: [String]
    let text: String
    var isAbstract: Bool
  }

  /// All files, in the order of the library.
  static let entries: [Entry] = texts().compactMap(Entry.init)

  /// The file of a family, by name or alias.
  static func entry(named name: String) -> Entry? {
    entries.first { $0.name == name || $0.aliases.contains(name) }
  }

  private static func texts() -> [String] {
    var size = 0
    // SAFETY: the library's bytes are constants of the program, `size` of them.
    let start = unsafe dialect_family_files(&size)
    let bytes = unsafe UnsafeBufferPointer(start: start, count: size)
    return unsafe bytes.split(separator: 0).map { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension FamilyLibrary.Entry {
  /// Reads the names from the lines `family: "…"` and `aliases: ["…", …]`.
  ///
  /// So a family is found without parsing all of them.
  init?(text: String) {
    var names: [String] = []
    var aliases: [String] = []
    var isAbstract = false
    var rest = text.utf8[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if line.starts(with: "family: ".utf8) { names = Self.quoted(line) }
      if line.starts(with: "aliases: ".utf8) { aliases = Self.quoted(line) }
      if line.starts(with: "abstract: true".utf8) { isAbstract = true }
      // The names stand in a file's head, before what describes it.
      if line.starts(with: "source:".utf8) { break }
    }
    guard let name = names.first else { return nil }
    self.name = name
    self.aliases = aliases
    self.text = text
    self.isAbstract = isAbstract
  }

  private static func quoted(_ line: Substring.UTF8View) -> [String] {
    line.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
      .enumerated().filter { $0.offset % 2 == 1 }.map { String(Substring($0.element)) }
  }
}
