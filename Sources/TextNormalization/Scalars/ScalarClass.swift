// SPDX-License-Identifier: Apache-2.0

/// Classes of scalars by name, each exactly as the library that it is named for has it.
///
/// The libraries carry Unicode tables of different ages; every code point was asked.
public enum ScalarClass: Sendable, Hashable {
  /// White_Space: `\s` of every engine, Rust's `char::is_whitespace`, Python's `str.isspace` but
  /// for U+001C–001F.
  case whiteSpace
  /// A general category or a group of them, such as `Lu`, `L` or `P`.
  case category(GeneralCategory)
  /// `\p{L}`.
  case letter
  /// `\p{M}`.
  case mark
  /// `\p{N}`.
  case number
  /// `\p{P}`.
  case punctuation
  /// `\p{S}`.
  case symbol
  /// `\p{Z}`.
  case separator
  /// `\p{C}`, which holds what is unassigned.
  case other
  /// `\w` of Oniguruma (regexes of Hugging Face's `Split` and `Replace`).
  case onigurumaWord
  /// `\w` of Rust's regex (tiktoken's patterns, Hugging Face's `Whitespace` and `single_word`).
  case rustWord
  /// What Hugging Face's `Punctuation` and `BertPreTokenizer` cut at.
  case huggingFacePunctuation
  /// What Hugging Face's `Digits` cuts at.
  case huggingFaceDigit
  /// What Hugging Face's `StripAccents` removes.
  case huggingFaceAccent
  /// What `BertNormalizer` removes where it strips accents, after NFD.
  case bertAccent
  /// What `BertNormalizer` removes where it cleans text: controls, formats, private use, U+0000
  /// and U+FFFD.
  case bertControl
  /// What `BertNormalizer` calls Chinese and puts spaces around.
  case bertChinese

  /// The scalars in it.
  ///
  /// - Complexity: O(*n*) in the number of ranges; keep it, or a ``ScalarTable`` made of it.
  public var set: ScalarSet {
    switch self {
    case .whiteSpace: ScalarSet(bounds: ScalarTables.whiteSpace)
    case .category(let category): Self.categories { $0 == category.shortName }
    case .letter: Self.group("L")
    case .mark: Self.group("M")
    case .number: Self.group("N")
    case .punctuation: Self.group("P")
    case .symbol: Self.group("S")
    case .separator: Self.group("Z")
    case .other: Self.group("C")
    case .onigurumaWord: Self.wordBase.union(ScalarSet(bounds: ScalarTables.onigurumaWord))
    case .rustWord: Self.wordBase.union(ScalarSet(bounds: ScalarTables.rustWord))
    case .huggingFacePunctuation:
      Self.group("P").subtracting(ScalarSet(bounds: ScalarTables.punctuationRemoved))
        .union(ScalarSet(bounds: ScalarTables.punctuationAdded))
    case .huggingFaceDigit: Self.group("N").union(ScalarSet(bounds: ScalarTables.numericAdded))
    case .huggingFaceAccent:
      Self.group("M").subtracting(ScalarSet(bounds: ScalarTables.accentRemoved))
        .union(ScalarSet(bounds: ScalarTables.accentAdded))
    case .bertAccent:
      Self.categories { $0 == "Mn" }.subtracting(ScalarSet(bounds: ScalarTables.nonspacingRemoved))
        .union(ScalarSet(bounds: ScalarTables.nonspacingAdded))
    case .bertControl:
      Self.categories { $0 == "Cc" || $0 == "Cf" || $0 == "Co" }
        .subtracting(ScalarSet(bounds: ScalarTables.bertControlRemoved))
        .union(ScalarSet(bounds: ScalarTables.bertControlAdded))
    case .bertChinese:
      ScalarSet([
        0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x2_0000...0x2_A6DF,
        0x2_A700...0x2_B81F, 0x2_B920...0x2_CEAF, 0x2_F800...0x2_FA1F,
      ])
    }
  }

  private static let wordBase = categories {
    $0.hasPrefix("L") || $0.hasPrefix("M") || $0 == "Nd" || $0 == "Nl" || $0 == "Pc"
  }

  private static func group(_ letter: String) -> ScalarSet {
    categories { $0.hasPrefix(letter) }
  }

  static func categories(where holds: (String) -> Bool) -> ScalarSet {
    let wanted = GeneralCategory.names.map(holds)
    var ranges: [ClosedRange<UInt32>] = []
    for run in ScalarProperties.categoryRuns where wanted[run.value] { ranges.append(run.range) }
    return ScalarSet(ranges)
  }
}

extension ScalarClass {
  /// The scalars of a property as a regex names it.
  ///
  /// - Parameter name: A category or group (`L`, `Lu`, `Letter`) or a script (`Han`); case, `_`, `-`
  ///   and spaces do not count.
  /// - Returns: The set, or nil where we have none of that name.
  public static func property(named name: String) -> ScalarSet? {
    let key = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    let short = longNames[key] ?? key
    if short == "l&" || short == "lc" {
      return categories { $0 == "Lu" || $0 == "Ll" || $0 == "Lt" }
    }
    if short.count == 1, "lmnpszc".contains(short) { return group(short.uppercased()) }
    if GeneralCategory.names.contains(where: { $0.lowercased() == short }) {
      return categories { $0.lowercased() == short }
    }
    guard let index = ScalarTables.scriptNames.firstIndex(of: key) else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    for run in ScalarProperties.scriptRuns where run.value == index + 1 { ranges.append(run.range) }
    return ScalarSet(ranges)
  }

  private static let longNames = [
    "letter": "l", "mark": "m", "number": "n", "punctuation": "p", "symbol": "s",
    "separator": "z", "other": "c", "uppercaseletter": "lu", "lowercaseletter": "ll",
    "titlecaseletter": "lt", "modifierletter": "lm", "otherletter": "lo", "casedletter": "lc",
    "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me", "decimalnumber": "nd",
    "letternumber": "nl", "othernumber": "no", "connectorpunctuation": "pc",
    "dashpunctuation": "pd", "openpunctuation": "ps", "closepunctuation": "pe",
    "initialpunctuation": "pi", "finalpunctuation": "pf", "otherpunctuation": "po",
    "mathsymbol": "sm", "currencysymbol": "sc", "modifiersymbol": "sk", "othersymbol": "so",
    "spaceseparator": "zs", "lineseparator": "zl", "paragraphseparator": "zp", "control": "cc",
    "format": "cf", "surrogate": "cs", "privateuse": "co", "unassigned": "cn",
  ]

  /// The group of scripts that Hugging Face's `UnicodeScripts` sorts a scalar into.
  ///
  /// It cuts between two scalars whose groups are different and not 0; 0 (a space, say) goes with
  /// whatever is before it. Groups have no other meaning.
  public static func scriptGroup(of scalar: UInt32) -> UInt8 {
    ScalarProperties.scriptGroups[scalar]
  }
}
