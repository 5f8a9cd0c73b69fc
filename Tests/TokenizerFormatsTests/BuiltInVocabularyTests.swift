// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TestSupport
import Testing
import Tokenization
import TokenizerFormats

@Suite("BuiltInVocabulary") struct BuiltInVocabularyTests {
  static let text = "Hello wörld, 日本語 и русский!\n\n\tlet x = 42 🙂"

  @Test func `each loads and gives a text back`() throws {
    for vocabulary in BuiltInVocabulary.allCases {
      let tokenizer = try Tokenizer(
        tokenizerJSON: vocabulary.tokenizerJSON, name: vocabulary.rawValue)
      let encoding = try tokenizer.encode(Self.text, special: .asText)
      #expect(Array(try tokenizer.decode(encoding.ids).utf8) == Array(Self.text.utf8))
    }
  }

  @Test func `every reserved control token is one token of each`() throws {
    let list = try FileReader.bytes(path: Fixtures.packageRoot + "/vocab/control-tokens.txt")
    for vocabulary in BuiltInVocabulary.allCases {
      let tokenizer = try Tokenizer(
        tokenizerJSON: vocabulary.tokenizerJSON, name: vocabulary.rawValue)
      for (place, line) in list.split(separator: UInt8(ascii: "\n")).enumerated() {
        let text = String(decoding: line, as: UTF8.self)
        let ids = try tokenizer.encode(text, special: .allowAll).ids
        #expect(ids.map { Int($0) } == [place], "\(vocabulary) \(text)")
      }
    }
  }
}
