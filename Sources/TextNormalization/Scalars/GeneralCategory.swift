// SPDX-License-Identifier: Apache-2.0

/// Unicode's general categories; the raw value is a category's place in our tables.
public enum GeneralCategory: UInt8, Sendable, CaseIterable {
  case unassigned, uppercaseLetter, lowercaseLetter, titlecaseLetter, modifierLetter, otherLetter
  case nonspacingMark, spacingMark, enclosingMark
  case decimalNumber, letterNumber, otherNumber
  case connectorPunctuation, dashPunctuation, openPunctuation, closePunctuation
  case initialPunctuation, finalPunctuation, otherPunctuation
  case mathSymbol, currencySymbol, modifierSymbol, otherSymbol
  case spaceSeparator, lineSeparator, paragraphSeparator
  case control, format, surrogate, privateUse

  /// The short names, in the order of the cases.
  static let names = [
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
  ]

  /// The two-letter name, such as `Lu`.
  public var shortName: String { Self.names[Int(rawValue)] }

  /// The category of a scalar, as of Unicode 16; that of a malformed byte is `unassigned`.
  public static func of(_ scalar: UInt32) -> GeneralCategory {
    GeneralCategory(rawValue: ScalarProperties.categories[scalar]) ?? .unassigned
  }
}

/// The properties that our tables hold.
enum ScalarProperties {
  static let categoryRuns = decode(
    ScalarTables.categories, lettersPerValue: 1
  ) { Int($0 >= 97 ? $0 - 97 + 26 : $0 - 65) }

  static let categories: ScalarTable = {
    var table = ScalarTable()
    for (range, value) in categoryRuns where value != 0 { table.set(UInt8(value), in: range) }
    return table
  }()

  static let scriptRuns = decode(ScalarTables.scripts, lettersPerValue: 2, value: pairValue)

  static let scriptGroups: ScalarTable = {
    var table = ScalarTable()
    let runs = decode(ScalarTables.scriptGroups, lettersPerValue: 2, value: pairValue)
    for (range, value) in runs where value != 0 { table.set(UInt8(value), in: range) }
    return table
  }()

  private static func pairValue(_ letters: Int) -> Int {
    letters >= 97 ? letters - 97 : (letters - 65) * 26
  }

  /// Reads runs: the letters of a value, then the run's length where it is not 1.
  private static func decode(
    _ table: StaticString, lettersPerValue: Int, value: (Int) -> Int
  ) -> [(range: ClosedRange<UInt32>, value: Int)] {
    var runs: [(range: ClosedRange<UInt32>, value: Int)] = []
    var (start, number, letters, length) = (UInt32(0), 0, 0, 0)
    func finish() {
      guard letters > 0 else { return }
      let count = UInt32(max(length, 1))
      runs.append((start...(start + count - 1), number))
      start += count
    }
    let bytes = Array(table.description.utf8)
    for byte in bytes {
      if byte < 65 {
        length = length * 10 + Int(byte - 48)
        continue
      }
      if letters == lettersPerValue || length > 0 {
        finish()
        (number, letters, length) = (0, 0, 0)
      }
      number += value(Int(byte))
      letters += 1
    }
    finish()
    return runs
  }
}
