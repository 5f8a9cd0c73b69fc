// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Escapes and brackets.
extension PatternParser {
  /// What follows a backslash outside of brackets.
  mutating func escape(_ start: Int) throws(SplitPatternError) -> PatternNode {
    guard let scalar = next else { throw error(.syntax("the pattern ends with '\\'"), at: start) }
    let isOniguruma = dialect == .oniguruma
    switch scalar {
    case "A": return taken(.textStart)
    case "z": return taken(.textEnd)
    case "Z" where isOniguruma:
      let lineFeed = PatternNode.set(ScalarSet([0x0A...0x0A]))
      let end = [PatternNode.repetition(lineFeed, minimum: 0, maximum: 1, .greedy), .textEnd]
      return taken(.look(.sequence(end), isAhead: true, isNegative: false))
    case "b", "B":
      let word = PatternClasses.word(dialect)
      return taken(.wordBoundary(word, isNegated: scalar == "B"))
    case "R" where isOniguruma:
      let pair = PatternNode.sequence([0x0D, 0x0A].map { .set(ScalarSet([$0...$0])) })
      let single = PatternNode.set(ScalarSet([0x0A...0x0D, 0x85...0x85, 0x2028...0x2029]))
      return taken(.atomic(.alternatives([pair, single])))
    case "Z", "R", "G", "K", "X", "k", "g":
      throw error(.unsupported("'\\\(scalar)'"), at: start)
    case "1"..."9": throw error(.unsupported("a back reference"), at: start)
    default: return .set(folded(try escapedSet(start, isBracketed: false)))
    }
  }

  private mutating func taken(_ node: PatternNode) -> PatternNode {
    place += 1
    return node
  }

  /// What follows a backslash, inside brackets or outside.
  private mutating func escapedSet(
    _ start: Int, isBracketed: Bool
  ) throws(SplitPatternError) -> ScalarSet {
    guard let scalar = next else { throw error(.syntax("the pattern ends with '\\'"), at: start) }
    place += 1
    switch scalar {
    case "s": return PatternClasses.whitespace
    case "S": return PatternClasses.whitespace.inverted
    case "d": return PatternClasses.decimalDigit
    case "D": return PatternClasses.decimalDigit.inverted
    case "w": return PatternClasses.word(dialect, isBracketed: isBracketed)
    case "W": return PatternClasses.word(dialect, isBracketed: isBracketed).inverted
    case "h" where dialect == .oniguruma: return PatternClasses.hexadecimalDigit
    case "H" where dialect == .oniguruma: return PatternClasses.hexadecimalDigit.inverted
    case "p" where next == "{" || dialect == .fancyRegex,
      "P" where next == "{" || dialect == .fancyRegex:
      return try property(isNegated: scalar == "P", start)
    case "n": return ScalarSet([0x0A...0x0A])
    case "r": return ScalarSet([0x0D...0x0D])
    case "t": return ScalarSet([0x09...0x09])
    case "f": return ScalarSet([0x0C...0x0C])
    case "v": return ScalarSet([0x0B...0x0B])
    case "a": return ScalarSet([0x07...0x07])
    case "e": return ScalarSet([0x1B...0x1B])
    case "x", "u", "U": return try hexadecimal(scalar, start)
    case "a"..."z", "A"..."Z", "0"..."9": throw error(.unsupported("'\\\(scalar)'"), at: start)
    default: return ScalarSet([scalar.value...scalar.value])
    }
  }

  private mutating func hexadecimal(
    _ kind: Unicode.Scalar, _ start: Int
  ) throws(SplitPatternError) -> ScalarSet {
    let isBraced = take("{")
    let limit = isBraced ? 8 : kind == "x" ? 2 : kind == "u" ? 4 : 8
    var digits = ""
    while digits.unicodeScalars.count < limit, let scalar = next, scalar.properties.isASCIIHexDigit
    {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    if isBraced { try require("}") }
    guard let value = UInt32(digits, radix: 16), Unicode.Scalar(value) != nil else {
      throw error(.syntax("'\\\(kind)' needs hexadecimal digits of a Unicode scalar"), at: start)
    }
    return ScalarSet([value...value])
  }

  private mutating func property(
    isNegated: Bool, _ start: Int
  ) throws(SplitPatternError) -> ScalarSet {
    var name = ""
    if take("{") {
      while let scalar = next, scalar != "}" {
        name.unicodeScalars.append(scalar)
        place += 1
      }
      try require("}")
    } else if let scalar = next {
      name.unicodeScalars.append(scalar)
      place += 1
    }
    let isInverted = name.utf8.first == UInt8(ascii: "^")
    let bare = isInverted ? String(name.dropFirst()) : name
    guard let set = PatternClasses.property(named: bare, dialect) else {
      throw error(.unknownProperty(name), at: start)
    }
    return isInverted != isNegated ? set.inverted : set
  }

  // MARK: Brackets

  /// A bracket whose opening one is taken; what stands around each `&&` is intersected.
  mutating func bracket(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let isNegated = take("^")
    var result: ScalarSet?
    var part = ScalarSet()
    var isFirst = true
    while true {
      guard let scalar = next else { throw error(.syntax("']' is missing"), at: start) }
      if scalar == "]", !isFirst {
        place += 1
        break
      }
      isFirst = false
      if take("&&") {
        result = result.map { $0.intersection(part) } ?? part
        part = ScalarSet()
      } else {
        part = part.union(try bracketItem(start))
      }
    }
    let set = result.map { $0.intersection(part) } ?? part
    return isNegated ? folded(set).inverted : set
  }

  private mutating func bracketItem(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let itemStart = place
    if take("[:") { return try posixClass(itemStart) }
    if take("[") { return try bracket(itemStart) }
    let low = try bracketMember(start)
    guard next == "-", place + 1 < scalars.count, scalars[place + 1] != "]",
      let lower = low.onlyMember
    else { return low }
    place += 1
    let high = try bracketMember(start)
    guard let upper = high.onlyMember, lower <= upper else {
      throw error(.syntax("a range that runs backwards"), at: itemStart)
    }
    return ScalarSet([lower...upper])
  }

  private mutating func bracketMember(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let itemStart = place
    guard let scalar = next else { throw error(.syntax("']' is missing"), at: start) }
    place += 1
    return scalar == "\\"
      ? try escapedSet(itemStart, isBracketed: true) : ScalarSet([scalar.value...scalar.value])
  }

  private mutating func posixClass(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let isNegated = take("^")
    var name = ""
    while let scalar = next, ("a"..."z").contains(scalar) {
      name.unicodeScalars.append(scalar)
      place += 1
    }
    try require(":]")
    let set: ScalarSet? =
      switch (name, dialect) {
      case ("digit", .oniguruma): PatternClasses.decimalDigit
      case ("space", .oniguruma): PatternClasses.whitespace
      case ("word", .oniguruma): PatternClasses.word(dialect, isBracketed: true)
      case ("xdigit", _): PatternClasses.hexadecimalDigit
      case ("digit", .fancyRegex): ScalarSet([0x30...0x39])
      case ("alpha", .fancyRegex): ScalarSet([0x41...0x5A, 0x61...0x7A])
      case ("alnum", .fancyRegex): ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A])
      case ("upper", .fancyRegex): ScalarSet([0x41...0x5A])
      case ("lower", .fancyRegex): ScalarSet([0x61...0x7A])
      case ("space", .fancyRegex): ScalarSet([0x09...0x0D, 0x20...0x20])
      default: nil
      }
    guard let set else { throw error(.unsupported("the class '[:\(name):]'"), at: start) }
    return isNegated ? set.inverted : set
  }
}

extension ScalarSet {
  /// The only member, where there is just one.
  fileprivate var onlyMember: UInt32? {
    guard ranges.count == 1, let range = ranges.first, range.lowerBound == range.upperBound else {
      return nil
    }
    return range.lowerBound
  }
}
