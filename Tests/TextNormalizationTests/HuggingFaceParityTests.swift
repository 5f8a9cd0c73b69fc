// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TestSupport
import TextPrimitives
import Testing

@testable import TextNormalization

/// What `tokenizers` makes of random texts; Scripts/generate_normalizer_fixtures.py made the file.
@Suite("Hugging Face's normalizers") struct HuggingFaceParityTests {
  @Test func `texts and offsets are the reference's`() throws {
    let lines = try Fixtures.lines("Normalization/huggingface.jsonl")
    let blob = Base64.decode(lines.first?["charsmap"]?.text.utf8 ?? "".utf8)
    let charsmap = try PrecompiledCharsmap(blob ?? [])
    #expect(lines.count > 200)
    for (number, line) in lines.enumerated().dropFirst() {
      let source = Array((line["text"]?.text ?? "").utf8)
      var text = NormalizedText(source)
      var untracked = NormalizedText(source, tracksOriginal: false)
      for step in line["steps"]?.items ?? [] {
        try apply(step.text, to: &text, charsmap)
        try apply(step.text, to: &untracked, charsmap)
      }
      let expected = Array((line["normalized"]?.text ?? "").utf8)
      let steps = line["steps"]?.items.map(\.text) ?? []
      #expect(text.bytes == expected, "line \(number + 1), \(steps)")
      #expect(untracked.bytes == expected, "line \(number + 1), \(steps)")
      #expect(origins(text) == line["origins"]?.items.map(\.number), "line \(number + 1), \(steps)")
    }
  }

  private func origins(_ text: NormalizedText) -> [Int] {
    var result: [Int] = []
    var offset = 0
    while offset < text.bytes.count {
      let end = offset + UTF8Scalars.decode(text.bytes, at: offset).length
      let origin = text.originalRange(of: offset..<end)
      result += [origin.lowerBound, origin.upperBound]
      offset = end
    }
    return result
  }

  private func apply(
    _ step: String, to text: inout NormalizedText, _ charsmap: PrecompiledCharsmap
  ) throws {
    let parts = step.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    let cut = rest.lastIndex(of: ":") ?? rest.endIndex
    let old = String(rest[..<cut])
    let new = Array(rest[cut...].dropFirst().utf8)
    func form(_ form: NormalizationForm) {
      text.normalize(with: UnicodeNormalizer(form, version: .huggingFace))
    }
    switch parts[0] {
    case "nfc": form(.nfc)
    case "nfd": form(.nfd)
    case "nfkc": form(.nfkc)
    case "nfkd": form(.nfkd)
    case "lowercase": text.lowercase()
    case "stripAccents": text.stripAccents()
    case "strip": text.strip(left: rest != "right", right: rest != "left")
    case "prepend": text.prepend(Array(rest.utf8))
    case "nmt": text.applyNmt()
    case "replace": text.replace(Array(old.utf8), with: new)
    case "regex": try text.replace(ICURegex(old), with: new)
    case "byteLevel": text.encodeByteLevel()
    case "charsmap": text.apply(charsmap)
    case "bert":
      let flags = rest.map { $0 == "n" ? nil : $0 == "1" }
      text.applyBert(
        cleansText: flags[0] ?? true, separatesChinese: flags[1] ?? true,
        stripsAccents: flags[2], lowercases: flags[3] ?? true)
    default: Issue.record("unknown step \(step)")
    }
  }
}

extension JSONValue {
  fileprivate var text: String { if case .string(let text) = self { text.string } else { "" } }
  fileprivate var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  fileprivate var number: Int { if case .integer(let number) = self { number } else { -1 } }
}
