// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TestSupport
import TextPrimitives
import Testing

@testable import TextNormalization

/// The code points on which `tokenizers` normalizes otherwise than Python does: its tables are of
/// another Unicode version.
@Suite("Tables of tokenizers' normalizers") struct NormalizationTableTests {
  private typealias Scalars = [Unicode.Scalar]

  private func normalized(_ text: Scalars, _ change: (inout NormalizedText) -> Void) -> Scalars {
    var result = NormalizedText(text.flatMap { Array(String($0).utf8) })
    change(&result)
    return Array(String(decoding: result.bytes, as: UTF8.self).unicodeScalars)
  }

  private func scalars(_ words: [String]) throws -> Scalars {
    try words.map { word in
      try #require(UInt32(word, radix: 16).flatMap { Unicode.Scalar($0) })
    }
  }

  private func table(_ form: JSONValue?, _ start: String) -> JSONObject {
    (form?.object ?? JSONObject()).first { $0.key.string.hasPrefix(start) }?.value.object
      ?? JSONObject()
  }

  @Test(.enabled(if: Conformance.has("vocab/unicode"), "needs the conformance corpus"))
  func `each form changes the code points that the reference changes`() throws {
    let tables = try Conformance.json("vocab/unicode/normalization.json")
    var count = 0
    for (name, form) in [
      ("NFC", NormalizationForm.nfc), ("NFD", .nfd), ("NFKC", .nfkc), ("NFKD", .nfkd),
    ] {
      let normalizer = UnicodeNormalizer(form, version: .huggingFace)
      for (scalar, expected) in table(tables[ExactString(name)], "single") {
        let found = normalized(try scalars([scalar.string])) { $0.normalize(with: normalizer) }
        #expect(
          found == (try scalars((expected.array ?? []).map(\.text))), "\(name) of \(scalar.string)")
        count += 1
      }
      // A mark that is unknown to the tables stays where it stands between two others.
      for (scalar, _) in table(tables[ExactString(name)], "marks") {
        let mark = try scalars([scalar.string])
        let text: Scalars = ["a", "\u{345}"] + mark + ["\u{334}"]
        let found = normalized(text) { $0.normalize(with: normalizer) }
        #expect(found == text, "\(name) of \(scalar.string)")
        count += 1
      }
    }
    #expect(count == 342)
  }

  @Test(.enabled(if: Conformance.has("vocab/unicode"), "needs the conformance corpus"))
  func `pairs and capitals are the reference's`() throws {
    let tables = try Conformance.json("vocab/unicode/normalization.json")
    let composed = UnicodeNormalizer(.nfc, version: .huggingFace)
    for (_, pair) in table(tables, "canonical pairs") {
      let words = pair.text.split(separator: " ").map(String.init)
      let text = try scalars(words)
      #expect(text.count == 2)
      #expect(normalized(text) { $0.normalize(with: composed) } == text, "\(words)")
    }
    let capitals = table(tables, "Lowercase")
    #expect(capitals.count > 50)
    for (scalar, expected) in capitals {
      let found = normalized(try scalars([scalar.string])) { $0.lowercase() }
      #expect(found == Array(expected.text.unicodeScalars), "\(scalar.string)")
    }
  }
}

extension JSONValue {
  fileprivate var text: String { string?.string ?? "" }
}
