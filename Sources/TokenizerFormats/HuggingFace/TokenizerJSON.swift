// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// The content of a `tokenizer.json`, as Hugging Face's tokenizers write it.
///
/// The vocabulary and the merges, which are nearly all of the file, are read straight into tables;
/// the rest becomes JSON values.
struct TokenizerJSON {
  /// A token as the file spells it: where in ``text``, and its id.
  struct Entry {
    var start: UInt32
    var length: UInt32
    var id: Int

    var place: Range<Int> { Int(start)..<Int(start) + Int(length) }
  }

  let file: String
  private(set) var sections = JSONObject()
  private(set) var model = JSONObject()
  private(set) var vocabulary: [Entry] = []
  private(set) var merges: SpelledRules
  /// The vocabulary, made while the rest of the file is read, if it is as sections before it say.
  private var early: Ahead<EarlyVocabulary?>?

  /// What the places of tokens refer to.
  var text: SpelledText { merges.text }

  /// The merges, without which and without the vocabulary and the file's bytes the content is left:
  /// they take more memory than all the rest.
  mutating func takeMerges() -> SpelledRules {
    defer {
      vocabulary = []
      merges = SpelledRules(in: SpelledText([]))
    }
    return merges
  }

  /// Takes the vocabulary that was made early; nil where that is not the vocabulary.
  mutating func takeEarlyVocabulary(_ spelling: Vocabulary.Spelling) -> Vocabulary? {
    guard let early = early.take()?.result(), early.spelling == spelling,
      early.entryCount == vocabulary.count
    else { return nil }
    return early.vocabulary
  }

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    do throws(JSONError) {
      self.init(content: try Content.read(bytes), file: file)
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .position(error.position), error.message)
    }
    if let count = model["merges"]?.integer { throw Self.noPair(count, file: file) }
  }

  fileprivate init(content: Content, file: String) {
    self.file = file
    sections = content.sections
    model = content.model
    vocabulary = content.vocabulary
    merges = content.merges
    early = content.early
  }

  private static func noPair(_ index: Int, file: String) -> TokenizerLoadingError {
    TokenizerLoadingError(
      .malformed, file: file, place: .path("model.merges[\(index)]"),
      "a merge must name two tokens", hint: "write \"a b\" or [\"a\", \"b\"]")
  }

  /// Adds merges that stand elsewhere, each two tokens with a space between.
  mutating func add(_ list: TextList) throws(TokenizerLoadingError) {
    guard text.count + list.byteCount <= SpelledText.sizeLimit else {
      throw TokenizerLoadingError(.unsupported, file: file, "the merges are more than 4 GB")
    }
    merges.reserve(list.count)
    for (index, merge) in list.enumerated() {
      let place = text.count..<text.count + merge.count
      merges.text.unescaped += merge
      guard let space = text.onlyPlace(of: 0x20, in: place) else {
        throw Self.noPair(index, file: file)
      }
      merges.append(left: place.lowerBound..<space, right: space + 1..<place.upperBound)
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
  var vocabulary: [TokenizerJSON.Entry] = []
  var merges: SpelledRules
  var early: Ahead<EarlyVocabulary?>?

  private init(_ text: [UInt8]) {
    merges = SpelledRules(in: SpelledText(text))
  }

  /// Reads the text, while another thread looks whether it is UTF-8, which is an error that counts
  /// before any other.
  static func read(_ bytes: [UInt8]) throws(JSONError) -> Content {
    guard bytes.count > 1 << 18 else { return try read(bytes, checksUTF8: true) }
    let (invalid, content) = Parallel.both(
      { JSONScanner.invalidUTF8(in: bytes.span) },
      whileFirst: {
        Result { () throws(JSONError) in try read(bytes, checksUTF8: false) }
      })
    if let invalid { throw invalid }
    return try content.get()
  }

  private static func read(_ bytes: [UInt8], checksUTF8: Bool) throws(JSONError) -> Content {
    try JSONScanner.scan(bytes.span, checksUTF8: checksUTF8) { scanner throws(JSONError) in
      var content = Content(bytes)
      try content.read(&scanner)
      return content
    }
  }

  mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
    guard scanner.count <= SpelledText.sizeLimit / 2 else {
      throw scanner.error(.unexpected(found: "more than 2 GB", expected: "a smaller file"))
    }
    var key: [UInt8] = []
    try scanner.beginObject()
    while try scanner.nextKey(into: &key) {
      let name = ExactString(String(decoding: key, as: UTF8.self))
      if name == "model", try scanner.peek() == .object {
        try readModel(&scanner)
      } else if name == "added_tokens" {
        sections[name] = try scanner.readValue()
      } else if Self.components.contains(name.string) {
        sections[name] = try Self.component(&scanner)
      } else {
        try scanner.skipValue()
      }
    }
  }

  private static let components: Set<String> = [
    "normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "padding", "model",
  ]

  /// A component or an option, which is never large.
  private static func component(_ scanner: inout JSONScanner) throws(JSONError) -> JSONValue {
    _ = try scanner.peek()
    let start = scanner.byteOffset
    let limit = FormatLimits.componentSize
    if let value = try scanner.readValue(ofAtMost: limit) { return value }
    throw scanner.error(
      .unexpected(found: "more than \(limit >> 20) MB", expected: "a component"), at: start)
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
        makeVocabulary()
      } else if name == "merges", kind == .array {
        try readMerges(&scanner)
      } else if name == "vocab", kind == .array {
        // A Unigram model's, which is refused by its type.
        try scanner.skipValue()
        model[name] = []
      } else {
        model[name] = try Self.component(&scanner)
      }
    }
  }

  private mutating func readVocabulary(_ scanner: inout JSONScanner) throws(JSONError) {
    // Room that is not used is no memory, room that grows is copied.
    vocabulary.reserveCapacity((scanner.count - scanner.byteOffset) / 16)
    try scanner.beginObject()
    while try scanner.nextMember() {
      let place = try readToken(&scanner, expected: "a key in quotes")
      try scanner.endKey()
      vocabulary.append(
        TokenizerJSON.Entry(
          start: UInt32(truncatingIfNeeded: place.lowerBound),
          length: UInt32(truncatingIfNeeded: place.count), id: try scanner.readInteger()))
    }
  }

  /// Has another thread make the vocabulary while the merges are read.
  private mutating func makeVocabulary() {
    guard early == nil, vocabulary.count >= 1 << 14 else { return }
    var content = self
    content.merges = SpelledRules(in: merges.text)
    early = Ahead { [content] in TokenizerJSON(content: content, file: "").makeEarlyVocabulary() }
  }

  /// Merges are texts with one space, or pairs of texts.
  ///
  /// The place of one that is neither is kept for the caller, who knows the file.
  private mutating func readMerges(_ scanner: inout JSONScanner) throws(JSONError) {
    merges.reserve((scanner.count - scanner.byteOffset) / 12)
    try scanner.beginArray()
    while try scanner.nextElement() {
      let pair =
        switch try scanner.peek() {
        case .string: try readText(&scanner)
        case .array: try readPair(&scanner)
        default: throw scanner.error(.unexpected(found: "something else", expected: "a merge"))
        }
      if let pair {
        merges.append(left: pair.left, right: pair.right)
      } else if model["merges"] == nil {
        model["merges"] = .integer(merges.count)
      }
    }
  }

  private typealias Pair = (left: Range<Int>, right: Range<Int>)

  private mutating func readText(_ scanner: inout JSONScanner) throws(JSONError) -> Pair? {
    let place = try readToken(&scanner)
    return merges.text.onlyPlace(of: 0x20, in: place).map { space in
      (place.lowerBound..<space, space + 1..<place.upperBound)
    }
  }

  private mutating func readPair(_ scanner: inout JSONScanner) throws(JSONError) -> Pair? {
    var (left, right, count) = (0..<0, 0..<0, 0)
    try scanner.beginArray()
    while try scanner.nextElement() {
      let place = try readToken(&scanner)
      if count == 0 { left = place } else { right = place }
      count += 1
    }
    return count == 2 ? (left, right) : nil
  }

  private mutating func readToken(
    _ scanner: inout JSONScanner, expected: String = "a string"
  ) throws(JSONError) -> Range<Int> {
    let start = merges.text.count
    let place = try scanner.readStringPlace(
      orInto: &merges.text.unescaped, expected: expected)
    return place ?? start..<merges.text.count
  }
}
