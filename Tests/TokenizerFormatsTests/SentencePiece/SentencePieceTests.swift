// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Writes the fields of a ModelProto.
struct Message {
  var bytes: [UInt8] = []

  mutating func number(_ field: UInt64, _ value: UInt64) {
    varint(field << 3)
    varint(value)
  }

  mutating func float(_ field: UInt64, _ value: Float) {
    varint(field << 3 | 5)
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
    }
  }

  mutating func text(_ field: UInt64, _ value: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

@Suite("SentencePiece models") struct SentencePieceTests {
  /// `<unk>`, `<s>`, `▁`, `a`, `b`, `▁a`, `ab`: the better score joins first.
  static func model(type: UInt64 = 2) -> [UInt8] {
    let pieces: [(text: String, score: Float, type: UInt64)] = [
      ("<unk>", 0, 2), ("<s>", 0, 3), ("▁", -3, 1), ("a", -4, 1), ("b", -5, 1), ("▁a", -2, 1),
      ("ab", -1, 1),
    ]
    var model = Message()
    for piece in pieces {
      var message = Message()
      message.text(1, Array(piece.text.utf8))
      message.float(2, piece.score)
      message.number(3, piece.type)
      model.text(1, message.bytes)
    }
    var trainer = Message()
    trainer.number(3, type)
    trainer.number(41, 1)
    model.text(2, trainer.bytes)
    var normalizer = Message()
    normalizer.number(4, 0)
    model.text(3, normalizer.bytes)
    return model.bytes
  }

  @Test func `neighbours with the better score join first, and spaces are marks`() throws {
    let tokenizer = try SentencePieceFormat.load(Self.model(), file: "m")
    #expect(try tokenizer.encode("ab a").ids == [2, 6, 5])
    #expect(try tokenizer.encode("aé?b").ids == [5, 0, 4])
    #expect(try tokenizer.encode("").ids == [])
    #expect(try tokenizer.encode("a", addsSpecialTokens: true).ids == [1, 5])
    #expect(try tokenizer.decode([5, 0, 6, 2, 4]) == "a \u{2047} ab b")
  }

  @Test func `a model of another type is refused by its name`() {
    let error = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(Self.model(type: 1), file: "m.model")
    }
    #expect(
      error?.description
        == "m.model: a SentencePiece model of the Unigram type is not supported, only BPE is; "
        + "use a tokenizer of the BPE kind")
  }

  @Test func `a file cut short names the byte`() {
    let whole = Self.model()
    let cut = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(Array(whole.prefix(10)), file: "m")
    }
    #expect(
      cut?.description == "m: at byte 2: a length that reaches beyond the end; is the file whole?")
    // After the first piece, whose length is the second byte.
    let cutBetween = #expect(throws: TokenizerLoadingError.self) {
      try SentencePieceFormat.load(Array(whole.prefix(2 + Int(whole[1]))), file: "m")
    }
    #expect(
      cutBetween?.description
        == "m: there is no trainer_spec, which tells the type of the model; is the file whole?")
  }
}
