// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// The content of a `tokenizer.json`, as Hugging Face's tokenizers write it.
///
/// The vocabulary and the merges, which are nearly all of the file, are read straight into tables;
/// the rest becomes JSON values.
struct TokenizerJSON {
  /// The tokens as the file spells them, one after the other.
  struct RawVocabulary {
    var arena: [UInt8] = []
    var entries: [(start: Int, length: Int, id: Int)] = []
  }

  /// Pairs of spellings, one after the other in one arena: each starts where the one before ends.
  struct RawMerges {
    var arena: [UInt8] = []
    var entries: [(middle: UInt32, end: UInt32)] = []
  }

  let file: String
  private(set) var sections = JSONObject()
  private(set) var model = JSONObject()
  private(set) var vocabulary = RawVocabulary()
  private(set) var merges = RawMerges()

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    self.file = file
    do throws(JSONError) {
      let content = try JSONScanner.scan(bytes.span) { scanner throws(JSONError) in
        var content = Content()
        try content.read(&scanner)
        return content
      }
      sections = content.sections
      model = content.model
      vocabulary = content.vocabulary
      merges = content.merges
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .position(error.position), error.message)
    }
    if let count = model["merges"]?.integer {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .path("model.merges[\(count)]"),
        "a merge must name two tokens", hint: "write \"a b\" or [\"a\", \"b\"]")
    }
  }

  func node(_ key: String) -> ComponentNode {
    ComponentNode(value: sections[ExactString(key)] ?? .null, path: key, file: file)
  }

  func modelNode(_ key: String) -> ComponentNode {
    ComponentNode(value: model[ExactString(key)] ?? .null, path: "model.\(key)", file: file)
  }
}

private struct Content {
  var sections = JSONObject()
  var model = JSONObject()
  var vocabulary = TokenizerJSON.RawVocabulary()
  var merges = TokenizerJSON.RawMerges()

  mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
    var key: [UInt8] = []
    try scanner.beginObject()
    while try scanner.nextKey(into: &key) {
      let name = ExactString(String(decoding: key, as: UTF8.self))
      if name == "model", try scanner.peek() == .object {
        try readModel(&scanner)
      } else {
        sections[name] = try scanner.readValue()
      }
    }
  }

  private mutating func readModel(_ scanner: inout JSONScanner) throws(JSONError) {
    var key: [UInt8] = []
    try scanner.beginObject()
    while try scanner.nextKey(into: &key) {
      let name = ExactString(String(decoding: key, as: UTF8.self))
      let kind = try scanner.peek()
      if name == "vocab", kind == .object {
        try readVocabulary(&scanner)
        model[name] = true
      } else if name == "merges", kind == .array {
        try readMerges(&scanner)
      } else {
        model[name] = try scanner.readValue()
      }
    }
  }

  private mutating func readVocabulary(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginObject()
    var start = vocabulary.arena.count
    while try scanner.nextKey(appendingTo: &vocabulary.arena) {
      let end = vocabulary.arena.count
      vocabulary.entries.append((start, end - start, try scanner.readInteger()))
      start = end
    }
  }

  /// Merges are texts with one space, or pairs of texts.
  ///
  /// The place of one that is neither is kept for the caller, who knows the file.
  private mutating func readMerges(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginArray()
    while try scanner.nextElement() {
      let start = merges.arena.count
      var middle = start
      var isPair = true
      switch try scanner.peek() {
      case .string:
        try scanner.readString(into: &merges.arena)
        var spaces = 0
        for place in start..<merges.arena.count where merges.arena[place] == 0x20 {
          spaces += 1
          middle = place
        }
        isPair = spaces == 1
        if isPair { merges.arena.remove(at: middle) }
      case .array:
        var count = 0
        try scanner.beginArray()
        while try scanner.nextElement() {
          try scanner.readString(into: &merges.arena)
          count += 1
          if count == 1 { middle = merges.arena.count }
        }
        isPair = count == 2
      default: throw scanner.error(.unexpected(found: "something else", expected: "a merge"))
      }
      if !isPair, model["merges"] == nil { model["merges"] = .integer(merges.entries.count) }
      guard let end = UInt32(exactly: merges.arena.count) else {
        throw scanner.error(.unexpected(found: "4 GB of merges", expected: "fewer"))
      }
      merges.entries.append((UInt32(middle), end))
    }
  }
}
