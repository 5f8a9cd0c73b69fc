// SPDX-License-Identifier: Apache-2.0

/// The text of a Jinja expression, with how tightly its outermost operator binds.
struct JinjaExpression {
  /// From loose to tight, as Jinja parses.
  enum Level: Int, Comparable {
    case or, and, not, comparison, sum, test, primary

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  var text: String
  var level = Level.primary

  /// The text, in brackets where an operator of this level would take it apart.
  func inside(_ level: Level) -> String {
    self.level < level ? "(\(text))" : text
  }

  /// A name, a call or a literal.
  static func primary(_ text: String) -> JinjaExpression { JinjaExpression(text: text) }

  /// A filter or a test, which bind alike.
  static func test(_ text: String) -> JinjaExpression { JinjaExpression(text: text, level: .test) }

  static func comparison(_ text: String) -> JinjaExpression {
    JinjaExpression(text: text, level: .comparison)
  }

  /// All of the parts; true where there are none.
  static func all(_ parts: [JinjaExpression]) -> JinjaExpression {
    joined(parts, " and ", .and, empty: "true")
  }

  /// Any of the parts; false where there are none.
  static func any(_ parts: [JinjaExpression]) -> JinjaExpression {
    joined(parts, " or ", .or, empty: "false")
  }

  private static func joined(
    _ parts: [JinjaExpression], _ word: String, _ level: Level, empty: String
  ) -> JinjaExpression {
    guard parts.count != 1 else { return parts[0] }
    guard !parts.isEmpty else { return .primary(empty) }
    return JinjaExpression(
      text: parts.map { $0.inside(level) }.joined(separator: word), level: level)
  }

  /// The opposite, said as people would where there is a word for it.
  var negated: JinjaExpression {
    let opposites = [(" == ", " != "), (" in ", " not in "), (" is ", " is not ")]
    for (word, opposite) in opposites where level == (word == " is " ? .test : .comparison) {
      let parts = text.split(separator: word, omittingEmptySubsequences: false)
      if parts.count == 2, !text.contains(" not "), !text.contains("'") || word != " is " {
        return JinjaExpression(text: parts[0] + opposite + parts[1], level: level)
      }
    }
    return JinjaExpression(text: "not \(inside(.not))", level: .not)
  }
}

/// Literals as Jinja reads them.
enum JinjaLiteral {
  /// A text in quotes.
  static func quoted(_ text: String) -> String {
    let hasSingle = text.utf8.contains(UInt8(ascii: "'"))
    let hasDouble = text.utf8.contains(UInt8(ascii: "\""))
    let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case quote: result += "\\\(quote)"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if isVisible(scalar) {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          let width = scalar.value > 0xFFFF ? 8 : 4
          result += scalar.value > 0xFFFF ? "\\U" : "\\u"
          result += String(repeating: "0", count: width - digits.utf8.count) + digits
        }
      }
    }
    return result + String(quote)
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
      .surrogate, .unassigned:
      false
    default: true
    }
  }
}
