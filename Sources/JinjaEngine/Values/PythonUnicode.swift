// SPDX-License-Identifier: Apache-2.0

/// What Python 3.11's `str` knows of Unicode, from the standard library's tables.
///
/// Those are newer than Python's (14.0), so what was assigned later counts as unassigned.
enum PythonUnicode {
  private static func isAssigned(_ properties: Unicode.Scalar.Properties) -> Bool {
    guard let age = properties.age else { return false }
    return age.major <= 14
  }

  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value >= 0x20 }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return isAssigned(properties)
    }
  }

  static func isAlphabetic(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return UInt8(scalar.value).isASCIILetter }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return isAssigned(properties)
    default: return false
    }
  }

  static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.numericType {
    case .decimal, .digit: true
    default: false
    }
  }

  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isAlphabetic(scalar) || isNumeric(scalar)
  }

  static func isLowercase(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar.value &- 0x61 < 26 }
    return scalar.properties.isLowercase
  }

  static func isUppercase(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar.value &- 0x41 < 26 }
    return scalar.properties.isUppercase
  }

  static func isTitlecase(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x80 && scalar.properties.generalCategory == .titlecaseLetter
  }

  static func isCased(_ scalar: Unicode.Scalar) -> Bool {
    isLowercase(scalar) || isUppercase(scalar) || isTitlecase(scalar)
  }

  /// The lower case of one scalar of a text; a capital sigma at a word's end has its own form.
  static func lower(_ scalars: [Unicode.Scalar], at place: Int) -> String.UnicodeScalarView {
    let scalar = scalars[place]
    if scalar.value < 0x80 {
      return String(Unicode.Scalar(lowerASCII(UInt8(scalar.value)))).unicodeScalars
    }
    if scalar.value == 0x3A3 {
      return isFinalSigma(scalars, place) ? "\u{3C2}".unicodeScalars : "\u{3C3}".unicodeScalars
    }
    return scalar.properties.lowercaseMapping.unicodeScalars
  }

  private static func isFinalSigma(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
    var before = place - 1
    while before >= 0, scalars[before].properties.isCaseIgnorable { before -= 1 }
    guard before >= 0, scalars[before].properties.isCased else { return false }
    var after = place + 1
    while after < scalars.count, scalars[after].properties.isCaseIgnorable { after += 1 }
    return after >= scalars.count || !scalars[after].properties.isCased
  }

  static func upper(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    if scalar.value < 0x80 {
      return String(Unicode.Scalar(upperASCII(UInt8(scalar.value)))).unicodeScalars
    }
    return scalar.properties.uppercaseMapping.unicodeScalars
  }

  static func title(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    if scalar.value < 0x80 { return upper(scalar) }
    return scalar.properties.titlecaseMapping.unicodeScalars
  }

  static func lowerASCII(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  static func upperASCII(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }
}
