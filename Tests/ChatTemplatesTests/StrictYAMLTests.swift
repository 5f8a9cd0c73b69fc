// SPDX-License-Identifier: Apache-2.0

import Testing
import TextPrimitives

@testable import ChatTemplates

@Suite("The YAML of template files") struct StrictYAMLTests {
  private func read(_ text: String) -> TemplateNode? {
    try? StrictYAML.read(TemplateSource(name: "x", text: text))
  }

  private func message(_ text: String) -> String {
    do throws(ChatTemplateError) {
      _ = try StrictYAML.read(TemplateSource(name: "x", text: text))
      return "read"
    } catch {
      return error.description.split(separator: "\n").first.map(String.init) ?? ""
    }
  }

  @Test func `every family's file is what a reader of all YAML makes of it, places included`() {
    for entry in FamilyLibrary.entries {
      let (found, wanted) = (read(entry.text), YAMLOracle.read(entry.text))
      #expect(found != nil && found?.outline == wanted?.outline, "\(entry.name)")
    }
  }

  @Test func `a changed file is refused, or is what a reader of all YAML makes of it`() {
    let pieces = [
      "\n", " ", "  ", "- ", ": ", ":", ",", "[", "]", "{", "}", "\"", "\\", "#", " #", "a", "é",
      "'",
      "|", ">", "&a ", "*a", "!t ", "? ", "%", "\\u00e9", "\n  ", "\n- ", "x: y", "---\n", "{}",
      "[]",
    ]
    var generator = SeededGenerator(state: 7)
    var (read, refused, refusedAlone) = (0, 0, 0)
    for entry in FamilyLibrary.entries {
      let bytes = Array(entry.text.utf8)
      for _ in 0..<150 {
        // A part of the file, so that a change often leaves it whole.
        var part = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &generator)))
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
          let place = Int.random(in: 0...part.count, using: &generator)
          let end = min(part.count, place + Int.random(in: 0...3, using: &generator))
          let piece = pieces[Int.random(in: 0..<pieces.count, using: &generator)]
          part.replaceSubrange(place..<end, with: Array(piece.utf8))
        }
        let text = String(decoding: part, as: UTF8.self)
        guard let found = self.read(text) else {
          refused += 1
          if YAMLOracle.read(text) != nil { refusedAlone += 1 }
          continue
        }
        read += 1
        let wanted = YAMLOracle.read(text)?.outline
        #expect(found.outline == wanted, "\(text.suffix(200).debugDescription)")
      }
    }
    #expect(read > 300 && refused > 1_000, "\(read) read, \(refused) refused")
    // Tags, pairs in lists, texts over several lines and invisible characters.
    #expect(refusedAlone < refused / 20, "\(refusedAlone) of \(refused), \(read) read")
  }

  @Test func `texts hold every escape`() {
    let text = #"["\0\a\b\t\n\v\f\r\e\ \"\/\\\N\_\L\P\x41\u00e9\U0001F600", "é", ""]"#
    #expect(read(text)?.outline == YAMLOracle.read(text)?.outline)
    #expect(message(#"["\q"]"#) == #"x:1:3: no such escape; a backslash itself is written as \\"#)
    #expect(message(#"["\u12"]"#) == "x:1:3: the escape needs 4 hexadecimal digits")
    #expect(message(#"["\ud83d"]"#) == "x:1:3: the escape is no character")
  }

  @Test(
    "what is no YAML, or more than this, is refused with its place",
    arguments: [
      ("", "x:1:1: the file is empty"),
      ("# only a comment\n", "x:2:1: the file is empty"),
      ("a: [b, c\n", "x:1:4: the bracket is not closed"),
      ("a: {b: c, d}\n", "x:1:11: not YAML here: a key needs ':' and a space behind it"),
      (
        "a: [b c]\n",
        "x:1:7: not YAML here: ',' or ']' should follow the value; text must stand in double quotes"
      ),
      ("a: [b: c]\n", "x:1:6: not YAML here: a pair must stand in braces; write {key: value}"),
      ("a: [b,, c]\n", "x:1:7: not YAML here: a value is missing"),
      ("a: {b: , c: d}\n", "x:1:5: the key 'b' has no value"),
      ("a:\nb: c\n", "x:1:1: the key 'a' has no value"),
      ("a: b\n  c: d\n", "x:2:3: not YAML here: the indentation fits no map and no list above"),
      (
        "a:\n    b: c\n  d: e\n",
        "x:3:3: not YAML here: the indentation fits no map and no list above"
      ),
      ("a:\n  - b\n - c\n", "x:3:2: not YAML here: the indentation fits no map and no list above"),
      ("a: b c\n", "x:1:4: text must stand in double quotes"),
      ("a: \"b\" c\n", "x:1:4: not YAML here: something follows the value on its line"),
      ("\"a\": b\n", "x:1:1: a key must be a bare word"),
      ("? a\n: b\n", "x:1:1: a key must be a bare word"),
      ("a: !!str b\n", "x:1:4: tags are not allowed"),
      ("a: - b\n", "x:1:4: not YAML here: a list begins on a line of its own"),
      ("- a\n-\n- b\n", "x:2:1: the list's entry is empty"),
      ("word\n", "read"),
    ])
  func refusals(text: String, expected: String) {
    #expect(message(text) == expected)
  }

  @Test func `time is in proportion to the file's length`() {
    // Many keys in one map, many entries on one line, many characters that are no ASCII.
    let keys = (0..<60_000).map { "k\($0): v\n" }.joined()
    let line = "a: [" + Array(repeating: "\"é\"", count: 120_000).joined(separator: ",") + "]\n"
    for text in [keys, line] {
      let time = ContinuousClock().measure { #expect(read(text) != nil) }
      #expect(time < .seconds(20))
    }
  }
}

/// Equal seeds give equal numbers (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

extension TemplateNode {
  /// The node and all in it, with their places.
  fileprivate var outline: String {
    let mark = "\(place.line):\(place.column)"
    return switch value {
    case .text(let text): "\(mark)\(text.debugDescription)"
    case .word(let word): "\(mark)\(word)"
    case .list(let elements): "\(mark)[\(elements.map(\.outline).joined(separator: ","))]"
    case .map(let entries):
      "\(mark){"
        + entries.map { "\($0.keyPlace.line):\($0.keyPlace.column)\($0.key)=\($0.value.outline)" }
        .joined(separator: ",") + "}"
    }
  }
}
