// SPDX-License-Identifier: Apache-2.0

public import OrderedJSON
import TextPrimitives

extension CaseVerdict {
  /// The verdict as JSON: `file`, `line`, `name`, `outcome`, and of a failure `differences` with
  /// `part`, `summary` and `detail`, and `notes`.
  public var json: JSONObject {
    var object: JSONObject = [
      "file": .string(ExactString(file)), "line": .integer(line),
      "name": .string(ExactString(name)), "outcome": .string(ExactString("\(outcome)")),
    ]
    guard !differences.isEmpty else { return object }
    object["differences"] = .array(
      differences.map { difference in
        [
          "part": .string(ExactString(difference.part)),
          "summary": .string(ExactString(difference.summary)),
          "detail": .string(ExactString(difference.detail.text(isColored: false))),
        ]
      })
    object["notes"] = .array(notes.map { .string(ExactString($0)) })
    return object
  }
}
