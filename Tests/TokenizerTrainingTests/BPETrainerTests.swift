// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Glibc
import OrderedJSON
import Synchronization
import TestSupport
import Testing
import TextPrimitives
import TokenizerTraining

@Suite("BPETrainer") struct BPETrainerTests {
  @Test func `a file is trained on line by line`() throws {
    let text = "one two\nthree  four\n\nfive"
    let lines = ["one two\n", "three  four\n", "\n", "five"]
    for format in TrainingOptions.Format.allCases {
      var options = TrainingOptions(format: format)
      options.vocabularySize = 320
      let path = try TemporaryFile(Array(text.utf8))
      let fromFile = try BPETrainer(options).train(files: [path.path])
      let fromTexts = try BPETrainer(options).train(texts: lines)
      #expect(fromFile.tokenizerJSON() == fromTexts.tokenizerJSON())
    }
  }

  @Test func `the order of files and the number of chunks change nothing`() throws {
    let line = "The quick brown fox jumps over the lazy dog, 1234 times; and back again.\n"
    let big = try TemporaryFile(Array(String(repeating: line, count: 60_000).utf8))
    let small = try TemporaryFile(Array("lorem ipsum dolor sit amet\n".utf8))
    var options = TrainingOptions(format: .byteLevel)
    options.vocabularySize = 300
    let trained = try BPETrainer(options).train(files: [big.path, small.path])
    let turned = try BPETrainer(options).train(files: [small.path, big.path])
    #expect(trained.tokenizerJSON() == turned.tokenizerJSON())
  }

  @Test func `affixes mark where a letter stands in its word`() throws {
    var options = TrainingOptions(format: .byteLevel)
    options.initialAlphabet = []
    options.continuingSubwordPrefix = "##"
    options.endOfWordSuffix = "</w>"
    options.vocabularySize = 8
    let trained = try BPETrainer(options).train(texts: ["aba"])
    let tokens = trained.tokens.map { String(decoding: $0, as: UTF8.self) }
    #expect(tokens == ["a", "b", "##b", "##a</w>", "ab", "aba</w>"])
  }

  @Test func `a file that is not UTF-8 is refused at its byte`() throws {
    let file = try TemporaryFile(Array("good line\nbad ".utf8) + [0xC3, 0x28] + Array("\n".utf8))
    let error = #expect(throws: TrainingError.self) {
      try BPETrainer(TrainingOptions(format: .byteLevel)).train(files: [file.path])
    }
    #expect(
      error?.description
        == "\(file.path): byte 14: not valid UTF-8; convert the file to UTF-8 or leave it out")
  }

  @Test func `a file that is missing is named`() {
    let error = #expect(throws: TrainingError.self) {
      try BPETrainer(TrainingOptions(format: .metaspace)).train(files: ["/nowhere/corpus.txt"])
    }
    #expect(
      error?.description
        == "/nowhere/corpus.txt: cannot be read: no such file or directory; check the path")
  }

  @Test func `options without sense are refused`() {
    var options = TrainingOptions(format: .byteLevel)
    options.vocabularySize = 0
    let size = #expect(throws: TrainingError.self) { try BPETrainer(options).train(texts: []) }
    #expect(size?.description == "vocabulary size '0': must be from 1 to 4294967295")
    options.vocabularySize = 300
    options.specialTokens = ["<s>", ""]
    let special = #expect(throws: TrainingError.self) { try BPETrainer(options).train(texts: []) }
    #expect(special?.description == "special token 2: is empty; give it a text")
  }

  @Test func `no corpus gives special tokens and the alphabet`() throws {
    var options = TrainingOptions(format: .byteLevel)
    options.specialTokens = ["<s>"]
    let trained = try BPETrainer(options).train(files: [])
    #expect(trained.tokens.count == 257)
    #expect(trained.tokens.first == Array("<s>".utf8))
    #expect(trained.merges.isEmpty)
  }

  @Test func `progress ends with the vocabulary`() throws {
    let last = Mutex<TrainingProgress?>(nil)
    var options = TrainingOptions(format: .byteLevel)
    options.vocabularySize = 258
    _ = try BPETrainer(options) { report in last.withLock { $0 = report } }
      .train(texts: ["aaa bbb aaa bbb"])
    let report = try #require(last.withLock { $0 })
    #expect(report.completed == 258)
    #expect(report.total == 258)
  }

  @Test func `the file names its parts as the reference does`() throws {
    var options = TrainingOptions(format: .metaspace)
    options.vocabularySize = 260
    options.specialTokens = ["<s>"]
    let json = try JSONValue(
      parsing: BPETrainer(options).train(texts: ["ab ab"]).tokenizerJSON())
    #expect(json["pre_tokenizer"]?["prepend_scheme"]?.text == "first")
    #expect(json["model"]?["unk_token"]?.text == "<unk>")
    #expect(json["model"]?["vocab"]?["<0x00>"]?.number == 2)
    #expect(json["model"]?["byte_fallback"] == .bool(true))
    guard case .array(let added)? = json["added_tokens"] else {
      Issue.record("no added tokens")
      return
    }
    #expect(added.map { $0["content"]?.text } == ["<unk>", "<s>"])
  }
}

/// A file that goes away with its owner.
private final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8]) throws {
    path = "/tmp/dialect-training-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    try #require(descriptor >= 0)
    let written = unsafe bytes.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    close(descriptor)
    try #require(written == bytes.count)
  }

  deinit { unsafe unlink(path) }
}
