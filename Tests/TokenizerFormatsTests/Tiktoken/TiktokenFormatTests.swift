// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

@Suite("tiktoken rank files") struct TiktokenFormatTests {
  /// All bytes, "ab" and "abc".
  static let lines: [String] =
    (0..<256).map { "\(RankLines.base64([UInt8($0)])) \($0)" } + ["YWI= 256", "YWJj 257"]
  static let whole = lines.joined(separator: "\n") + "\n"

  private func load(_ text: String) throws(TokenizerLoadingError) -> Tokenizer {
    try Tokenizer(
      tiktoken: Array(text.utf8), name: "t.tiktoken", pattern: #"\p{L}+|\s+"#,
      specialTokens: ["<|end|>": 300])
  }

  @Test func `merges by rank, drops what the pattern leaves out, and knows special tokens`() throws
  {
    let tokenizer = try load(Self.whole)
    #expect(try tokenizer.encode("abcab!b").ids == [257, 256, 98])
    #expect(try tokenizer.encode("ab<|end|>", special: .allowAll).ids == [256, 300])
    #expect(try tokenizer.decode([257, 300, 33]) == "abc<|end|>!")
    #expect(try tokenizer.decode([0xE2, 0x82, 97]) == "\u{FFFD}a")
  }

  @Test func `streams give a scalar as soon as it is whole`() throws {
    var decoder = try load(Self.whole).makeStreamDecoder()
    let chunks = try [97, 0xE2, 0x82, 0xAC, 0xE0, 0x80, 0xF0].map { try decoder.append($0) }
    #expect(chunks == ["a", nil, nil, "\u{20AC}", nil, "\u{FFFD}\u{FFFD}", nil])
    #expect(try decoder.finish() == "\u{FFFD}")
  }

  @Test func `two special tokens may share an id`() throws {
    let tokenizer = try Tokenizer(
      tiktoken: Array(Self.whole.utf8), pattern: #"\S+"#, specialTokens: ["<a>": 300, "<b>": 300])
    #expect(try tokenizer.encode("<a><b>", special: .allowAll).ids == [300, 300])
    #expect(try tokenizer.decode([300]) == "<b>")
  }

  @Test func `line ends of Windows and empty lines are no error`() throws {
    let text = "\r\n" + Self.lines.joined(separator: "\r\n")
    #expect(try load(text).encode("abc").ids == [257])
  }

  /// A change to the whole file, and the message that it must give.
  static let broken: [(find: String, replace: String, message: String)] = [
    ("YWI= 256", "YWI=256", "t.tiktoken:257: there is no space; "),
    ("YWI= 256", "YW! 256", "t.tiktoken:257: this is no Base64; "),
    ("YWI= 256", "YWI= 2x6", "t.tiktoken:257: the rank is no number; "),
    ("YWI= 256", "YWI= -1", "t.tiktoken:257: the rank is no number; "),
    ("YWI= 256", " 256", "t.tiktoken:257: the token is empty; "),
    ("YWI= 256", "YWI= 255", "t.tiktoken:257: the rank stands on another line too"),
    ("YWI= 256", "YWJj 256", "t.tiktoken:258: the token stands on another line too"),
    ("YWI= 256", "YWI= 999999999", "t.tiktoken:257: the rank is far beyond the last line"),
    ("YWI= 256", "YWI= 99999999999999999999", "t.tiktoken:257: the rank is no number; "),
    ("YWI= 256", "YWI= 300", "t.tiktoken: the special token '<|end|>' has the id 300, "),
    ("AA== 0\n", "", "t.tiktoken: the byte 0 has no token of its own; the file is not whole"),
  ]

  @Test func `what cannot be used is refused with its line`() {
    for (find, replacement, message) in Self.broken {
      let error = #expect(throws: TokenizerLoadingError.self, "\(message)") {
        try load(Edit.replacing(find, in: Self.whole, with: replacement))
      }
      #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `a file without tokens, or with too few, is refused`() {
    #expect(throws: TokenizerLoadingError.self) { try load("") }
    #expect(throws: TokenizerLoadingError.self) {
      try load(Self.lines.dropLast(3).joined(separator: "\n"))
    }
  }

  @Test func `an encoding is never guessed`() {
    let bytes = Array(Self.whole.utf8)
    let choices = TiktokenFormat.encodingNames.joined(separator: ", ")
    func message(_ file: String, _ encoding: String?) -> String? {
      #expect(throws: TokenizerLoadingError.self) {
        try TiktokenFormat.load(bytes, file: file, encoding: encoding)
      }?.description
    }
    #expect(
      message("m/tokenizer.model", nil)
        == "m/tokenizer.model: a rank file does not say which encoding it is of; "
        + "name the encoding: \(choices)")
    #expect(
      message("tokenizer.model", "cl100k")
        == "tokenizer.model: 'cl100k' is no encoding that we know; name the encoding: \(choices)")
    #expect(
      message("m/cl100k_base.tiktoken", nil)
        == "m/cl100k_base.tiktoken: the file has 258 tokens, cl100k_base has 100256; "
        + "the file is not whole, or of another encoding")
    #expect(message("m/cl100k_base.tiktoken", "gpt2")?.contains("r50k_base has 50256") == true)
  }

  @Test func `a pattern that cannot be compiled is refused`() {
    let error = #expect(throws: TokenizerLoadingError.self) {
      try Tokenizer(tiktoken: Array(Self.whole.utf8), pattern: "(a")
    }
    #expect(error?.kind == .unsupported)
  }
}

/// Writes Base64.
enum RankLines {
  static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(0) { $0 << 8 | Int($1) }
      bits <<= 8 * (3 - group.count)
      for place in 0..<4 {
        text.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : "=")
      }
    }
    return text
  }
}

/// Changes texts without looking at characters, which takes long.
enum Edit {
  /// The text with the first occurrence of `old` replaced.
  static func replacing(_ old: String, in text: String, with new: String) -> String {
    let (bytes, old) = (Array(text.utf8), Array(old.utf8))
    for start in 0...(bytes.count - old.count)
    where bytes[start] == old[0] && bytes[start..<start + old.count].elementsEqual(old) {
      let changed = bytes[..<start] + Array(new.utf8) + bytes[(start + old.count)...]
      return String(decoding: changed, as: UTF8.self)
    }
    return text
  }
}
