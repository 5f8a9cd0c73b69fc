// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Foundation
import OrderedJSON
import Synchronization
import TestSupport
import Testing
import TextPrimitives
import Tokenization

@testable import TokenizerFormats

/// A folder with a source and a cache, there while the body runs.
private struct Workshop {
  let folder: String
  var cache: TokenizerCache { TokenizerCache(directory: folder + "/cache") }

  static func open<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dialect-cache-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(Workshop(folder: folder))
  }

  /// Writes a source and waits until its time stamps tell it from later ones.
  func write(_ text: [UInt8], to name: String = "tokenizer.json") throws -> String {
    let path = "\(folder)/\(name)"
    try FileReplacement.write(text, to: path)
    Thread.sleep(forTimeInterval: 0.08)
    return path
  }

  func entry(_ path: String) throws -> CacheEntry {
    try #require(CacheEntry(cache, source: path, format: nil, encoding: nil))
  }

  /// The names in the cache's folder.
  var names: [String] { FileReader.names(inFolder: cache.directory) }
}

@Suite("The cache of compiled tokenizers") struct TokenizerCacheTests {
  /// `a`, `b`, `c`, `ab`, `abc`, and a special token.
  static let small = Array(
    #"""
    {"added_tokens": [{"id": 5, "content": "<s>", "special": true, "normalized": false}],
     "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
     "post_processor": null, "decoder": {"type": "Fuse"},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4},
     "merges": ["a b", "ab c"]}}
    """#.utf8)

  private func expectEqual(_ first: Tokenizer, _ second: Tokenizer, _ texts: [String]) throws {
    for text in texts {
      for policy in [SpecialTokenPolicy.asText, .allowAll] {
        let expected = try first.encode(text, special: policy, addsSpecialTokens: true)
        let found = try second.encode(text, special: policy, addsSpecialTokens: true)
        #expect(found.ids == expected.ids && found.offsets == expected.offsets, "\(text)")
        #expect(try second.decode(found.ids) == first.decode(expected.ids), "\(text)")
      }
    }
  }

  @Test(arguments: BuiltInVocabulary.allCases)
  func `a compiled vocabulary gives what its source gives`(_ vocabulary: BuiltInVocabulary) throws {
    try Workshop.open { workshop in
      let path = try workshop.write(vocabulary.tokenizerJSON)
      let original = try Tokenizer(contentsOf: path, cache: workshop.cache)
      let copy = try #require(try workshop.entry(path).load())
      try expectEqual(original, copy, TokenizerJSONWriterTests.texts)
      #expect(copy.configuration.model.merges == original.configuration.model.merges)
      #expect(try copy.tokenizerJSON().bytes == original.tokenizerJSON().bytes)
    }
  }

  @Test(.enabled(if: Conformance.has("vocab/synthetic"), "needs the conformance corpus"))
  func `every component comes back`() throws {
    let names = try Conformance.json("vocab/manifest.json")["synthetic"]?.array ?? []
    #expect(names.count > 100)
    try Workshop.open { workshop in
      for name in names {
        let path = try #require(name["file"]?.string).string
        let fixture = try Conformance.json("vocab/\(path)")
        let source = Array(try #require(fixture["tokenizer"]).serialized(.compact).utf8)
        let original = try Tokenizer(tokenizerJSON: source, name: path)
        let file = try workshop.write(source, to: "\(name["name"]?.string?.string ?? "").json")
        let entry = try workshop.entry(file)
        entry.store(original)
        let copy = try #require(entry.load(), "\(path)")
        let texts = fixture["cases"]?.array?.compactMap { $0["text"]?.string?.string } ?? []
        try expectEqual(original, copy, texts)
      }
    }
  }

  static let rankFiles = [
    ("vocab/gpt2/r50k_base.tiktoken", "r50k_base"), ("vocab/llama-2/tokenizer.model", nil),
    ("vocab/tekken-240718/tekken_240718.json", nil), ("vocab/gguf/phi-3.gguf", nil),
  ]

  @Test(
    .enabled(if: Conformance.has("vocab/gguf"), "needs the conformance corpus"),
    arguments: rankFiles)
  func `every format comes back`(_ path: String, _ encoding: String?) throws {
    try Workshop.open { workshop in
      let file = Conformance.root + "/" + path
      let original = try Tokenizer(contentsOf: file, encoding: encoding)
      _ = try Tokenizer(contentsOf: file, encoding: encoding, cache: workshop.cache)
      let entry = CacheEntry(workshop.cache, source: file, format: nil, encoding: encoding)
      let copy = try #require(entry?.load())
      try expectEqual(original, copy, TokenizerJSONWriterTests.texts)
      let bytes: [UInt8] = [0x61, 0xFF, 0x62]
      let expected = try? original.identifiers(of: bytes)
      #expect((try? copy.identifiers(of: bytes)) == expected)
    }
  }

  @Test func `damage at any byte is found, and the file is made anew`() throws {
    try Workshop.open { workshop in
      let path = try workshop.write(Self.small)
      let original = try Tokenizer(contentsOf: path, cache: workshop.cache)
      let entry = try workshop.entry(path)
      let whole = try FileReader.bytes(path: entry.path)
      let file = try #require(FileHandle(forUpdatingAtPath: entry.path))
      for place in whole.indices {
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: [whole[place] ^ UInt8(1 << (place % 8))])
        #expect(entry.load() == nil, "byte \(place)")
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: [whole[place]])
      }
      #expect(entry.load() != nil)
      for length in whole.indices.reversed() {
        try file.truncate(atOffset: UInt64(length))
        #expect(entry.load() == nil, "length \(length)")
      }
      let copy = try Tokenizer(contentsOf: path, cache: workshop.cache)
      try expectEqual(original, copy, ["abc AB cab<s>"])
      #expect(try FileReader.bytes(path: entry.path) == whole)
    }
  }

  @Test func `a source that has changed is read again`() throws {
    try Workshop.open { workshop in
      let path = try workshop.write(Self.small)
      #expect(try Tokenizer(contentsOf: path, cache: workshop.cache).encode("ab").ids == [3])
      let text = String(decoding: Self.small, as: UTF8.self)
        .replacingOccurrences(of: #""ab": 3, "abc": 4"#, with: #""ab": 4, "abc": 3"#)
      _ = try workshop.write(Array(text.utf8))
      #expect(try workshop.entry(path).load() == nil)
      #expect(try Tokenizer(contentsOf: path, cache: workshop.cache).encode("ab").ids == [4])
      #expect(try workshop.entry(path).load()?.encode("ab").ids == [4])
      #expect(workshop.names.count == 1)
    }
  }

  @Test func `a source that was written this moment is not kept`() throws {
    try Workshop.open { workshop in
      let path = workshop.folder + "/tokenizer.json"
      try FileReplacement.write(Self.small, to: path)
      #expect(try Tokenizer(contentsOf: path, cache: workshop.cache).encode("abc").ids == [4])
      #expect(workshop.names.isEmpty)
    }
  }

  @Test func `a cache that cannot be written is done without`() throws {
    try Workshop.open { workshop in
      let path = try workshop.write(Self.small)
      let cache = TokenizerCache(directory: path + "/below-a-file")
      #expect(try Tokenizer(contentsOf: path, cache: cache).encode("abc").ids == [4])
    }
  }

  @Test func `builders at the same time leave one whole file`() throws {
    try Workshop.open { workshop in
      let path = try workshop.write(Self.small)
      let answers = Mutex<[[TokenID]]>([])
      DispatchQueue.concurrentPerform(iterations: 16) { _ in
        let ids = try? Tokenizer(contentsOf: path, cache: workshop.cache).encode("abcab").ids
        answers.withLock { $0.append(ids ?? []) }
      }
      #expect(answers.withLock { $0 } == Array(repeating: [4, 3], count: 16))
      #expect(workshop.names.count == 1)
      #expect(try workshop.entry(path).load() != nil)
    }
  }

  @Test func `a user names a folder, or off`() {
    #expect(TokenizerCache(named: "off") == nil)
    #expect(TokenizerCache(named: "/tmp/x")?.directory == "/tmp/x")
  }
}
