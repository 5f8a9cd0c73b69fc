// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TextPrimitives

/// What a case expects from now on.
public struct CaseUpdate: Sendable {
  /// The case's name.
  public let name: String
  /// All that it expects.
  public let expectation: RecordedPrompt
  /// What the recording was made with.
  public let recorded: RecordedInputs

  /// An update.
  public init(name: String, expectation: RecordedPrompt, recorded: RecordedInputs) {
    self.name = name
    self.expectation = expectation
    self.recorded = recorded
  }
}

extension FixtureFile {
  /// The file's text with other expectations; comments and everything else stay as they are.
  ///
  /// - Throws: ``FixtureError`` where the changed text would not read as what was meant.
  public func text(updating updates: [CaseUpdate]) throws(FixtureError) -> [UInt8] {
    var wanted: [String: CaseUpdate] = [:]
    for update in updates { wanted[update.name] = update }
    var editor = FixtureEditor(source)
    let text = FixtureText(syntax: source.syntax)
    var headIsRecorded = false
    for item in cases {
      guard let update = wanted[item.name] else { continue }
      let parts = text.parts(of: update.expectation)
      if update.expectation != item.expectation {
        let gone = (item.node["expect"]?.entries ?? []).map(\.key)
          .filter { key in !parts.contains { $0.key == key } }
        editor.set("expect", to: parts, removing: gone, in: item.node)
      }
      guard update.recorded != item.recorded else { continue }
      let inputs = text.parts(of: update.recorded)
      // What several cases share is recorded once, in the head; a case with a template or a
      // record of its own keeps its own.
      let isOwn = ["template", "tokenizer", "recorded"].contains { item.node[$0] != nil }
      if isOwn || head["cases"] == nil && source.syntax != .jsonLines {
        editor.set("recorded", to: inputs, in: item.node)
      } else if !headIsRecorded {
        headIsRecorded = true
        if let cases = head["cases"], head["recorded"] == nil {
          editor.insert("recorded", inputs, before: cases, in: head)
        } else {
          editor.set("recorded", to: inputs, in: head)
        }
      }
    }
    guard !editor.isEmpty else { return source.bytes }
    let bytes = editor.edited()
    try check(bytes, against: wanted)
    return bytes
  }

  /// Writes other expectations into the file, whole or not at all.
  ///
  /// - Throws: ``FixtureError``; the file is untouched then.
  public func write(updating updates: [CaseUpdate]) throws(FixtureError) {
    let bytes = try text(updating: updates)
    guard bytes != source.bytes else { return }
    do {
      try FileWriter.replace(path: path, with: bytes)
    } catch {
      throw FixtureError(.unusable, file: path, error.message)
    }
  }

  /// Reads what is about to be written: no case may be lost or changed but as it was meant.
  private func check(_ bytes: [UInt8], against wanted: [String: CaseUpdate]) throws(FixtureError) {
    let changed = try FixtureFile(bytes: bytes, path: path)
    var problem: String?
    if changed.cases.map(\.name) != cases.map(\.name) {
      problem = "cases would be lost"
    } else {
      for (before, after) in zip(cases, changed.cases)
      where after.expectation != wanted[before.name]?.expectation ?? before.expectation {
        problem = "case '\(before.name)' would not read as recorded"
        break
      }
    }
    if let problem {
      throw FixtureError(
        .damaged, file: path,
        "the file was not updated: \(problem); write the values under 'expect' on one line each")
    }
  }
}
