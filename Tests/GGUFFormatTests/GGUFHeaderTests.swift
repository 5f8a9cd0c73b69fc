// SPDX-License-Identifier: Apache-2.0

import GGUFFormat
import Testing
import TextPrimitives
import TestSupport

@Suite("GGUFHeader") struct GGUFHeaderTests {
  private func parse(_ bytes: [UInt8]) throws(GGUFError) -> GGUFHeader {
    try unsafe bytes.span.withUnsafeBytes { buffer throws(GGUFError) in
      try unsafe GGUFHeader(parsing: buffer)
    }
  }

  private func kind(_ bytes: [UInt8]) -> GGUFError.Kind? {
    do {
      _ = try parse(bytes)
      return nil
    } catch { return error.kind }
  }

  @Test func `reads every kind of value`() throws {
    let bytes = GGUFBuilder.sample.bytes
    let header = try parse(bytes)
    #expect(header.version == 3)
    #expect(header.metadata.entries.count == 10)
    #expect(header.metadata["general.architecture"]?.string == "llama")
    #expect(header.metadata["a.byte"]?.integer == 7)
    #expect(header.metadata["a.signed"]?.integer == -5)
    #expect(header.metadata["a.float"]?.number == 1.5)
    #expect(header.metadata["a.flag"]?.bool == true)
    #expect(header.metadata["a.wide"]?.integer == 1 << 40)
    #expect(header.metadata["a.absent"] == nil)
    unsafe bytes.withUnsafeBytes { buffer in
      var words: [String] = []
      let areStrings = unsafe header.metadata["a.words"]?.array?.forEachString(in: buffer) {
        words.append(String(decoding: bytes[$0], as: UTF8.self))
      }
      #expect(areStrings == true)
      #expect(words == ["one", "", "zwölf"])
      unsafe #expect(header.metadata["a.numbers"]?.array?.integers(in: buffer) == [1, -2])
      unsafe #expect(header.metadata["a.scores"]?.array?.floats(in: buffer) == [0.5])
      unsafe #expect(header.metadata["a.words"]?.array?.integers(in: buffer) == nil)
    }
  }

  @Test func `places tensors inside the file`() throws {
    let bytes = GGUFBuilder.sample.bytes
    let header = try parse(bytes)
    let second = try #require(header.tensor(named: "second"))
    #expect(second.type == .q8_0)
    #expect(second.byteRange.count == 34)
    #expect(second.byteRange.upperBound == bytes.count)
    let first = try #require(header.tensor(named: "first"))
    #expect(first.dimensions == [4, 2])
    #expect(first.elementCount == 8)
    #expect(first.byteRange.lowerBound % 32 == 0)
  }

  @Test func `a file cut anywhere is refused with its place`() {
    let bytes = GGUFBuilder.sample.bytes
    for length in 0..<bytes.count {
      #expect(throws: GGUFError.self, "cut at \(length)") { try parse(Array(bytes[..<length])) }
    }
  }

  @Test func `any flipped byte is read or refused`() {
    let bytes = GGUFBuilder.sample.bytes
    for place in bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] ^= mask
        _ = kind(damaged)
      }
    }
  }

  @Test func `lengths and counts beyond the file are refused before memory is taken`() {
    var builder = GGUFBuilder()
    builder.metadata = [("k", 8, GGUFBuilder.little(UInt64(1) << 31))]
    #expect(
      kind(builder.bytes) == .truncated(what: "a value", needed: 1 << 31, present: 0))
    builder.metadata = [("k", 9, GGUFBuilder.little(UInt32(5)) + GGUFBuilder.little(UInt64.max))]
    #expect(
      kind(builder.bytes)
        == .implausibleCount(what: "array elements", count: .max, present: 0))
    for field in [8, 16] {
      var bytes = GGUFBuilder().bytes
      bytes[field + 7] = 0x7F
      guard case .implausibleCount = kind(bytes) else {
        Issue.record("count at \(field) accepted")
        continue
      }
    }
  }

  @Test func `what the format forbids is named`() {
    #expect(kind(Array("GGML".utf8)) == .notGGUF)
    var builder = GGUFBuilder()
    builder.version = 1
    #expect(kind(builder.bytes) == .unsupportedVersion(1))
    builder.version = 3 << 24
    #expect(kind(builder.bytes) == .bigEndian)
    builder = GGUFBuilder()
    builder.metadata = [("k", 13, [])]
    #expect(kind(builder.bytes + [0]) == .unknownValueType(13))
    builder.metadata = [("k", 7, [2])]
    #expect(kind(builder.bytes) == .invalidBool(2))
    builder.metadata = [("k", 0, [1]), ("k", 0, [1])]
    #expect(kind(builder.bytes) == .duplicateKey("k"))
    builder.metadata = [("k", 8, GGUFBuilder.little(UInt64(1)) + [0xFF])]
    #expect(kind(builder.bytes) == .invalidUTF8(what: "a value"))
    builder.metadata = [("general.alignment", 4, GGUFBuilder.little(UInt32(24)))]
    #expect(kind(builder.bytes) == .invalidAlignment)
    var nested = GGUFBuilder.array(0, [])
    for _ in 0..<20 { nested = GGUFBuilder.array(9, [nested]) }
    builder.metadata = [("k", 9, nested)]
    #expect(kind(builder.bytes) == .nestingTooDeep(limit: 8))
  }

  @Test func `tensors that cannot be are refused`() {
    func tensors(
      _ list: [(name: String, dimensions: [UInt64], type: UInt32, offset: UInt64)]
    ) -> GGUFError.Kind? {
      var builder = GGUFBuilder()
      builder.tensors = list
      builder.data = [UInt8](repeating: 0, count: 64)
      return kind(builder.bytes)
    }
    #expect(tensors([("t", [1, 1, 1, 1, 1], 0, 0)]) == .tooManyDimensions(5))
    #expect(tensors([("t", [1 << 40, 1 << 40], 0, 0)]) == .sizeOverflow)
    #expect(tensors([("t", [4], 4, 0)]) == .unknownTensorType(4))
    #expect(tensors([("t", [4], 0, 8)]) == .misalignedOffset(8, alignment: 32))
    #expect(tensors([("t", [33], 8, 0)]) == .rowNotWholeBlocks(row: 33, block: 32))
    #expect(tensors([("t", [4], 0, 0), ("t", [4], 0, 32)]) == .duplicateTensor("t"))
    guard case .tensorOutsideFile = tensors([("t", [4], 0, 64)]) else {
      Issue.record("a tensor past the end was accepted")
      return
    }
  }

  @Test func `an error says where and what to do`() {
    let error = #expect(throws: GGUFError.self) {
      try parse(Array(GGUFBuilder.sample.bytes.prefix(60)))
    }
    #expect(
      error?.description
        == "byte 16: 10 metadata entries cannot be held by the 36 bytes that are left; "
        + "is the file whole?")
  }

  @Test(.enabled(if: Conformance.isPresent, "needs the conformance corpus"))
  func `real vocabulary files are mapped and read`() throws {
    let counts = ["gpt-2": 50257, "llama-spm": 32000, "phi-3": 32064, "falcon": 65024]
    for (name, count) in counts {
      let file = try GGUFFile(path: Conformance.root + "/vocab/gguf/\(name).gguf")
      let tokens = file.header.metadata["tokenizer.ggml.tokens"]?.array
      #expect(tokens?.count == count, "\(name)")
      #expect(tokens?.elementType == .string, "\(name)")
    }
  }
}
