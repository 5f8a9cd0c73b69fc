// SPDX-License-Identifier: Apache-2.0

public import PromptFixtures
import TextPrimitives

/// Failures as the workflow commands that GitHub shows beside a file's lines.
public enum GitHubAnnotation {
  /// The command for a case that failed; nil for any other.
  public static func line(_ verdict: CaseVerdict) -> String? {
    guard verdict.outcome == .failed else { return nil }
    return command(
      file: verdict.file, line: verdict.line, title: verdict.name,
      message: verdict.report(isColored: false))
  }

  /// The command for a file that cannot be used.
  public static func line(_ error: FixtureError) -> String {
    command(
      file: error.file, line: error.location?.position.line ?? 1, title: "damaged fixture",
      message: error.description)
  }

  private static func command(file: String, line: Int, title: String, message: String) -> String {
    "::error file=\(escaped(file, isProperty: true)),line=\(line),"
      + "title=\(escaped(title, isProperty: true))::\(escaped(message, isProperty: false))"
  }

  private static func escaped(_ text: String, isProperty: Bool) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": output += "%25"
      case "\r": output += "%0D"
      case "\n": output += "%0A"
      case ":" where isProperty: output += "%3A"
      case "," where isProperty: output += "%2C"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
