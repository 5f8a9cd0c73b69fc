// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Glibc
import TestSupport
import Testing

@testable import TextNormalization

/// Unicode's own test file, unpacked by the bzcat of the machine.
private enum NormalizationTestFile {
  static let path = "/usr/share/unicode/NormalizationTest.txt.bz2"
  static let isPresent = FileReader.exists(path: path) && FileReader.exists(path: "/bin/bzcat")

  static func lines() -> [Substring] {
    guard let pipe = unsafe popen("/bin/bzcat \(path)", "r") else { return [] }
    defer { unsafe pclose(pipe) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = unsafe fread(&chunk, 1, chunk.count, pipe), count > 0 {
      bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}

@Suite("UnicodeNormalizer") struct UnicodeNormalizerTests {
  @Test(.enabled(if: NormalizationTestFile.isPresent, "needs Debian's unicode-data and bzip2"))
  func `passes every line of NormalizationTest`() {
    let nfc = UnicodeNormalizer(.nfc)
    let nfd = UnicodeNormalizer(.nfd)
    let nfkc = UnicodeNormalizer(.nfkc)
    let nfkd = UnicodeNormalizer(.nfkd)
    var (count, listed, isFirstPart) = (0, Set<UInt32>(), false)
    for line in NormalizationTestFile.lines() {
      if line.hasPrefix("@") { isFirstPart = line.hasPrefix("@Part1") }
      guard !line.hasPrefix("#"), !line.hasPrefix("@") else { continue }
      let columns = line.split(separator: ";").prefix(5).map(bytes(ofHexadecimal:))
      guard columns.count == 5 else { continue }
      if isFirstPart { listed.insert(UTF8Scalars.decode(columns[0], at: 0).scalar) }
      count += 1
      for (index, column) in columns.enumerated() {
        let canonical = index < 3 ? (columns[1], columns[2]) : (columns[3], columns[4])
        #expect((nfc.normalized(column) ?? column) == canonical.0, "NFC, \(line)")
        #expect((nfd.normalized(column) ?? column) == canonical.1, "NFD, \(line)")
        #expect((nfkc.normalized(column) ?? column) == columns[3], "NFKC, \(line)")
        #expect((nfkd.normalized(column) ?? column) == columns[4], "NFKD, \(line)")
      }
    }
    #expect(count > 18_000)
    var changed = 0
    for scalar in UInt32(0)..<0x11_0000 where !(0xD800..<0xE000).contains(scalar) {
      if listed.contains(scalar) { continue }
      var text: [UInt8] = []
      UTF8Scalars.append(scalar, to: &text)
      for normalizer in [nfc, nfd, nfkc, nfkd] where normalizer.normalized(text) != nil {
        changed += 1
      }
    }
    #expect(changed == 0, "a scalar that Part 1 does not list stays as it is")
  }

  private func bytes(ofHexadecimal column: Substring) -> [UInt8] {
    var result: [UInt8] = []
    for part in column.split(separator: " ") {
      UTF8Scalars.append(UInt32(part, radix: 16) ?? 0, to: &result)
    }
    return result
  }

  // U+1DFA came with Unicode 14 (class 218), U+11938 with 13, U+32FF with 12.1.
  @Test func `leaves alone what is younger than its version`() {
    let younger: [(NormalizationForm, String)] = [
      (.nfc, "a\u{315}\u{1DFA}"), (.nfd, "\u{11938}"), (.nfc, "\u{11935}\u{11930}"),
      (.nfkc, "\u{32FF}"), (.nfkd, "\u{A7F2}"),
    ]
    for (form, text) in younger {
      let bytes = Array(text.utf8)
      #expect(UnicodeNormalizer(form, version: .huggingFace).normalized(bytes) == nil)
      #expect(UnicodeNormalizer(form).normalized(bytes) != nil)
      let version = UnicodeVersion(major: 9, minor: 0)
      #expect(UnicodeNormalizer(form, version: version).normalized(bytes) == nil)
    }
  }

  @Test func `keeps bytes that are not UTF-8, and normalizes around them`() {
    let text: [UInt8] = [0xFF, 0x65, 0xCC, 0x81, 0xE2, 0x82, 0x41, 0xCC, 0x8A, 0xCC]
    let expected: [UInt8] = [0xFF, 0xC3, 0xA9, 0xE2, 0x82, 0xC3, 0x85, 0xCC]
    #expect(UnicodeNormalizer(.nfc).normalized(text) == expected)
  }

  @Test func `text in the form already is nil`() {
    for text in ["", "plain", "Grüße, 漢字, 한국어, שָׁלוֹם".decomposedMarksInOrder] {
      #expect(UnicodeNormalizer(.nfc).normalized(Array(text.utf8)) == nil, "\(text)")
    }
  }
}

extension String {
  /// The Hebrew letters' marks are in the order of their classes, and compose with nothing.
  fileprivate var decomposedMarksInOrder: String {
    replacing("שָׁלוֹם", with: "\u{5E9}\u{5B8}\u{5C1}\u{5DC}\u{5D5}\u{5B9}\u{5DD}")
  }
}
