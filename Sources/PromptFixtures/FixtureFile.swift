// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TextPrimitives

/// A fixture file: cases, and what they share.
///
/// ```yaml
/// format: "dialect-fixture/1"
/// template: {family: "llama-3"}
/// cases:
///   - name: "greeting"
///     conversation: {messages: [{role: "user", content: "Hello"}]}
///     options: {add_generation_prompt: true}
///     expect:
///       text: "<|begin_of_text|>…"
/// ```
public struct FixtureFile: Sendable {
  /// The value of the key `format` that this version writes.
  public static let format = "dialect-fixture/1"

  /// The path as it was given.
  public let path: String
  /// The cases, in order.
  public let cases: [FixtureCase]

  /// The text, for edits.
  package let source: FixtureSource
  /// The head's map, for edits.
  let head: FixtureNode

  /// Reads a file.
  ///
  /// The name's ending tells the syntax: `.json`, `.jsonl`, and YAML for any other.
  /// - Throws: ``FixtureError`` with line and column.
  public init(path: String) throws(FixtureError) {
    try self.init(FixtureSource(path: path))
  }

  /// Reads a file from its bytes; paths in it start from the folder of `path`.
  ///
  /// - Throws: ``FixtureError`` with line and column.
  public init(bytes: [UInt8], path: String) throws(FixtureError) {
    try self.init(FixtureSource(path: path, bytes: bytes))
  }

  package init(_ source: FixtureSource) throws(FixtureError) {
    var stream = try FixtureStream(source)
    var cases: [FixtureCase] = []
    while let more = try stream.next(limit: .max) { cases += more }
    self.init(source: source, head: stream.head, cases: cases)
  }

  init(source: FixtureSource, head: FixtureNode, cases: [FixtureCase]) {
    path = source.path
    self.source = source
    self.head = head
    self.cases = cases
  }

  /// The fixture files among paths: files as they are, folders searched through.
  ///
  /// In a folder, what does not name the format in its first 4 kB is passed over.
  /// - Throws: ``FixtureError`` where a path leads nowhere.
  public static func find(_ paths: [String]) throws(FixtureError) -> [String] {
    var found: [String] = []
    for path in paths {
      guard FileReader.exists(path: path) else {
        throw FixtureError(.unusable, file: path, "there is no such file or folder")
      }
      if FileReader.isDirectory(path: path) {
        search(path, into: &found)
      } else {
        found.append(path)
      }
    }
    return found
  }

  private static func search(_ folder: String, into found: inout [String]) {
    for name in FileReader.names(inFolder: folder) {
      let path = "\(folder)/\(name)"
      if FileReader.isDirectory(path: path) {
        search(path, into: &found)
      } else if [".yaml", ".yml", ".json", ".jsonl"].contains(where: {
        name.utf8.count > $0.utf8.count && name.utf8.suffix($0.utf8.count).elementsEqual($0.utf8)
      }), let bytes = try? FileReader.bytes(path: path),
        String(decoding: bytes.prefix(4096), as: UTF8.self).contains("dialect-fixture/")
      {
        found.append(path)
      }
    }
  }
}

/// Reads a fixture file a part at a time, so that memory does not grow with a JSON Lines file.
package struct FixtureStream {
  package let source: FixtureSource
  let head: FixtureNode
  private let reader: FixtureReader
  /// The next line of a JSON Lines file, from 0; nil at the end.
  private var nextLine: Int?
  private var pending: [FixtureNode] = []
  private var names: Set<String> = []

  package init(_ source: FixtureSource) throws(FixtureError) {
    self.source = source
    switch source.syntax {
    case .yaml: head = try FixtureYAML.read(source)
    case .json: head = try FixtureJSON.read(source, 0..<source.bytes.count)
    case .jsonLines:
      head = try FixtureJSON.read(source, source.lineRange(0))
      nextLine = source.lineCount > 1 ? 1 : nil
    }
    reader = try FixtureReader(source, head: head)
    if source.syntax != .jsonLines { pending = try reader.caseNodes() }
  }

  /// Up to `limit` more cases; nil at the end.
  package mutating func next(limit: Int) throws(FixtureError) -> [FixtureCase]? {
    var nodes: [FixtureNode] = []
    if nextLine == nil {
      nodes = pending
      pending = []
    }
    while let line = nextLine, nodes.count < limit {
      nextLine = line + 1 < source.lineCount ? line + 1 : nil
      let range = source.lineRange(line)
      guard source.bytes[range].contains(where: { $0 > 0x20 }) else { continue }
      nodes.append(try FixtureJSON.read(source, range))
    }
    guard !nodes.isEmpty else { return nil }
    var cases: [FixtureCase] = []
    cases.reserveCapacity(nodes.count)
    for node in nodes {
      let read = try reader.read(node)
      guard names.insert(read.name).inserted else {
        throw source.error("a second case is called '\(read.name)'", at: node.mark)
      }
      cases.append(read)
    }
    return cases
  }
}
