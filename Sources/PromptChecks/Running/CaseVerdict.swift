// SPDX-License-Identifier: Apache-2.0

/// What came of one case.
public struct CaseVerdict: Sendable {
  /// How it ended.
  public enum Outcome: Sendable, Equatable {
    case passed
    /// What was recorded is not what comes out now, or there is no record.
    case failed
    /// The record was changed to what comes out now.
    case recorded
  }

  /// A part of the record that differs.
  public struct Difference: Sendable {
    /// The part: `text`, `ids`, `layout`, `mask`, `stop`, `message`, `error`, or `input` where the
    /// case could not be run.
    public let part: String
    /// What is different, in one line.
    public let summary: String
    /// The first difference, token by token, and the template line that wrote it; lines that each
    /// end with a line break, or empty.
    public let detail: StyledText
  }

  /// The fixture file as it was given.
  public let file: String
  /// The case's line, from 1.
  public let line: Int
  /// The case's name.
  public let name: String
  /// How it ended.
  public internal(set) var outcome: Outcome
  /// What differs, the most telling first.
  public let differences: [Difference]
  /// Whether template and tokenizer are those of the record, where they differ from it.
  public let notes: [String]
  /// How long it took, in seconds.
  public let duration: Double

  /// The differences as lines that each end with a line break.
  public func report(isColored: Bool) -> String {
    var text = ""
    for difference in differences {
      text += "  \(difference.part): \(difference.summary)\n"
      text += difference.detail.text(isColored: isColored)
    }
    for note in notes { text += "  \(note)\n" }
    return text
  }
}
