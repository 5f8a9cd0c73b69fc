// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextPrimitives

/// The content of a `tekken.json`: the ranks in a table, the rest as JSON values.
struct TekkenContent {
  private(set) var ranks = RankTable()
  private(set) var sections = JSONObject()
  /// The first entry that cannot be used, and why.
  private(set) var problem: (path: String, message: String)?
  private var text: [UInt8] = []

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    guard bytes.count < FormatLimits.rankFileSize else {
      throw TokenizerLoadingError(
        .unsupported, file: file, "the file is larger than any vocabulary")
    }
    do throws(JSONError) {
      self = try JSONScanner.scan(bytes.span) { scanner throws(JSONError) in
        var content = TekkenContent()
        try content.read(&scanner)
        return content
      }
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .position(error.position), error.message)
    }
    if let problem {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .path(problem.path), problem.message)
    }
  }

  private init() {}

  private mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
    var key: [UInt8] = []
    try scanner.beginObject()
    while try scanner.nextKey(into: &key) {
      let name = ExactString(String(decoding: key, as: UTF8.self))
      if name == "vocab", try scanner.peek() == .array {
        // As Python reads it, the last of several counts.
        ranks = RankTable()
        try scanner.beginArray()
        while try scanner.nextElement() { try readToken(&scanner) }
        sections[name] = true
      } else {
        sections[name] = try scanner.readValue()
      }
    }
  }

  private mutating func readToken(_ scanner: inout JSONScanner) throws(JSONError) {
    let index = ranks.entries.count
    let start = ranks.arena.count
    var rank: Int?
    var key: [UInt8] = []
    try scanner.beginObject()
    while try scanner.nextKey(into: &key) {
      text.removeAll(keepingCapacity: true)
      if key.elementsEqual("rank".utf8) {
        rank = try scanner.readInteger()
      } else if key.elementsEqual("token_bytes".utf8) {
        try scanner.readString(into: &text)
        ranks.arena.removeLast(ranks.arena.count - start)
        if !Base64.decode(text, into: &ranks.arena) { report(index, "this is no Base64") }
      } else if try scanner.peek() == .string {
        try scanner.readString(into: &text)
      } else {
        try scanner.skipValue()
      }
    }
    if rank != index { report(index, "the rank must be \(index), as ranks are listed in order") }
    if ranks.arena.count == start { report(index, "the token has no bytes") }
    ranks.add(from: start, rank: index)
  }

  private mutating func report(_ index: Int, _ message: String) {
    if problem == nil { problem = ("vocab[\(index)]", message) }
  }

  /// Leaves out the ranks from `count` on.
  mutating func cut(to count: Int) {
    ranks.entries.removeLast(max(0, ranks.entries.count - count))
  }
}
