// SPDX-License-Identifier: Apache-2.0

/// Verdicts as JUnit's XML, which build servers read.
public struct JUnitReport: Sendable {
  private var suites: [(file: String, cases: [CaseVerdict])] = []

  /// A report without cases.
  public init() {}

  /// Adds a verdict; those of one file stand together.
  public mutating func add(_ verdict: CaseVerdict) {
    if suites.last?.file != verdict.file { suites.append((verdict.file, [])) }
    suites[suites.count - 1].cases.append(verdict)
  }

  /// The XML text.
  public var xml: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
    for suite in suites {
      let failures = suite.cases.count { $0.outcome == .failed }
      text += "  <testsuite name=\"\(Self.escaped(suite.file))\" tests=\"\(suite.cases.count)\""
      text += " failures=\"\(failures)\">\n"
      for verdict in suite.cases { text += Self.element(verdict) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func element(_ verdict: CaseVerdict) -> String {
    let head =
      "    <testcase name=\"\(escaped(verdict.name))\" classname=\"\(escaped(verdict.file))\""
      + " time=\"\(microseconds(verdict.duration))\""
    guard verdict.outcome == .failed else { return head + "/>\n" }
    let summary = verdict.differences.first.map { "\($0.part): \($0.summary)" } ?? ""
    return """
      \(head)>
            <failure message="\(escaped(summary))">\(escaped(verdict.report(isColored: false)))</failure>
          </testcase>

      """
  }

  private static func microseconds(_ seconds: Double) -> String {
    let count = Int(seconds * 1e6)
    let rest = String(count % 1_000_000)
    return "\(count / 1_000_000).\(String(repeating: "0", count: 6 - rest.utf8.count))\(rest)"
  }

  /// XML 1.0 has no way to write most control characters, so they are shown by their pictures.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "\n", "\t": output += "&#\(scalar.value);"
      case "\0"..."\u{1F}":
        output.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      case "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
