// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A pattern as a tree.
indirect enum PatternNode: Sendable {
  case empty
  case set(ScalarSet)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  case repetition(PatternNode, minimum: Int, maximum: Int?, Greed)
  case atomic(PatternNode)
  case look(PatternNode, ahead: Bool, negative: Bool)
  case textStart
  case textEnd
  case lineStart
  case lineEnd

  enum Greed: Sendable { case greedy, lazy, possessive }
}

/// Reads the regular expressions of pre-tokenizers: those of Oniguruma (Hugging Face tokenizers)
/// and of Rust's fancy-regex (tiktoken), as far as they agree with a backtracking matcher.
struct PatternParser {
  private let pattern: String
  private let scalars: [Unicode.Scalar]
  private let dialect: SplitPattern.Dialect
  private var place = 0
  private var ignoresCase = false
  private var depth = 0

  init(_ pattern: String, dialect: SplitPattern.Dialect) {
    self.pattern = pattern
    self.dialect = dialect
    scalars = Array(pattern.unicodeScalars)
  }

  mutating func parse() throws(SplitPatternError) -> PatternNode {
    let node = try alternatives()
    guard place == scalars.count else { throw error(.syntax("')' closes nothing")) }
    return node
  }

  private func error(_ kind: SplitPatternError.Kind, at offset: Int? = nil) -> SplitPatternError {
    SplitPatternError(kind: kind, pattern: pattern, scalarOffset: offset ?? place)
  }

  private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    place += 1
    return true
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[place...].starts(with: wanted) else { return false }
    place += wanted.count
    return true
  }

  private mutating func require(_ scalar: Unicode.Scalar) throws(SplitPatternError) {
    guard take(scalar) else { throw error(.syntax("'\(scalar)' is missing")) }
  }

  // MARK: Structure

  private mutating func alternatives() throws(SplitPatternError) -> PatternNode {
    guard depth < 64 else { throw error(.tooLarge) }
    depth += 1
    defer { depth -= 1 }
    let outerCase = ignoresCase
    defer { ignoresCase = outerCase }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(SplitPatternError) -> PatternNode {
    var items: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      guard let item = try atom() else { continue }
      items.append(try quantified(item))
    }
    return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
  }

  private mutating func quantified(_ item: PatternNode) throws(SplitPatternError) -> PatternNode {
    var item = item
    while let (minimum, maximum) = try quantifier() {
      // After {m,n} Oniguruma's Ruby syntax reads '+' as another quantifier, Rust as possessive;
      // possessive is what every published pattern means.
      let greed: PatternNode.Greed = take("?") ? .lazy : take("+") ? .possessive : .greedy
      item = .repetition(item, minimum: minimum, maximum: maximum, greed)
    }
    return item
  }

  private mutating func quantifier() throws(SplitPatternError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = place
    guard take("{") else { return nil }
    let minimum = number()
    let hasComma = take(",")
    let maximum = hasComma ? number() : minimum
    guard minimum != nil || (hasComma && maximum != nil), take("}") else {
      place = start
      return nil
    }
    if let maximum, maximum < minimum ?? 0 || maximum > 1000 {
      throw error(.unsupported("a repetition of that size"), at: start)
    }
    return (minimum ?? 0, maximum)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar), value ?? 0 < 10_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 48)
      place += 1
    }
    return value
  }

  // MARK: Atoms

  /// One atom; nil for a flag group such as `(?i)`, which matches nothing of its own.
  private mutating func atom() throws(SplitPatternError) -> PatternNode? {
    let start = place
    guard let scalar = next else { return .empty }
    place += 1
    switch scalar {
    case "(": return try group(start)
    case "[": return .set(folded(try bracket(start)))
    case ".": return .set(ScalarSet([0x0A...0x0A]).inverted)
    case "^": return dialect == .oniguruma ? .lineStart : .textStart
    case "$": return dialect == .oniguruma ? .lineEnd : .textEnd
    case "\\": return try escape(start)
    case "*", "+", "?": throw error(.syntax("'\(scalar)' repeats nothing"), at: start)
    default: return .set(folded(ScalarSet([scalar.value...scalar.value])))
    }
  }

  private func folded(_ set: ScalarSet) -> ScalarSet {
    ignoresCase ? set.caseInsensitive : set
  }

  private mutating func group(_ start: Int) throws(SplitPatternError) -> PatternNode? {
    guard take("?") else {
      let node = try alternatives()
      try require(")")
      return node
    }
    if take(":") { return try closed() }
    if take(">") { return .atomic(try closed()) }
    if take("=") { return .look(try closed(), ahead: true, negative: false) }
    if take("!") { return .look(try closed(), ahead: true, negative: true) }
    if take("<=") { return .look(try closed(), ahead: false, negative: false) }
    if take("<!") { return .look(try closed(), ahead: false, negative: true) }
    let outer = ignoresCase
    var isOn = true
    while let scalar = next, scalar != ")", scalar != ":" {
      switch scalar {
      case "i": ignoresCase = isOn
      case "-": isOn = false
      case "u" where isOn: break
      default: throw error(.unsupported("the group '(?\(scalar)'"), at: start)
      }
      place += 1
    }
    if take(")") { return nil }
    try require(":")
    let node = try closed()
    ignoresCase = outer
    return node
  }

  private mutating func closed() throws(SplitPatternError) -> PatternNode {
    let node = try alternatives()
    try require(")")
    return node
  }

  private mutating func escape(_ start: Int) throws(SplitPatternError) -> PatternNode {
    guard let scalar = next else { throw error(.syntax("the pattern ends with '\\'"), at: start) }
    switch scalar {
    case "A":
      place += 1
      return .textStart
    case "z":
      place += 1
      return .textEnd
    case "b", "B", "Z", "G", "K", "R", "X":
      throw error(.unsupported("'\\\(scalar)'"), at: start)
    case "1"..."9": throw error(.unsupported("a back reference"), at: start)
    default: return .set(folded(try escapedSet(start)))
    }
  }

  /// What follows a backslash, inside brackets or outside.
  private mutating func escapedSet(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    guard let scalar = next else { throw error(.syntax("the pattern ends with '\\'"), at: start) }
    place += 1
    switch scalar {
    case "s": return PatternClasses.whitespace
    case "S": return PatternClasses.whitespace.inverted
    case "d": return PatternClasses.decimalDigit
    case "D": return PatternClasses.decimalDigit.inverted
    case "w": return PatternClasses.word(dialect)
    case "W": return PatternClasses.word(dialect).inverted
    case "p", "P": return try property(isNegated: scalar == "P", start)
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

  private mutating func hexadecimal(_ kind: Unicode.Scalar, _ start: Int) throws(SplitPatternError)
    -> ScalarSet
  {
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

  private mutating func property(isNegated: Bool, _ start: Int) throws(SplitPatternError)
    -> ScalarSet
  {
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
    guard let set = ScalarClass.property(named: bare) else {
      throw error(.unknownProperty(name), at: start)
    }
    return isInverted != isNegated ? set.inverted : set
  }

  // MARK: Brackets

  private mutating func bracket(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let isNegated = take("^")
    var result = ScalarSet()
    var isFirst = true
    while true {
      guard let scalar = next else { throw error(.syntax("']' is missing"), at: start) }
      if scalar == "]", !isFirst {
        place += 1
        break
      }
      isFirst = false
      if take("&&") {
        let rest = try bracketRest(start)
        result = result.intersection(rest)
        break
      }
      result = result.union(try bracketItem(start))
    }
    return isNegated ? folded(result).inverted : result
  }

  /// What stands after `&&`, up to the closing bracket.
  private mutating func bracketRest(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    var result = ScalarSet()
    while let scalar = next, scalar != "]" {
      if take("&&") {
        result = result.intersection(try bracketRest(start))
        return result
      }
      result = result.union(try bracketItem(start))
    }
    try require("]")
    return result
  }

  private mutating func bracketItem(_ start: Int) throws(SplitPatternError) -> ScalarSet {
    let itemStart = place
    guard let first = next else { throw error(.syntax("']' is missing"), at: start) }
    place += 1
    if first == "[" {
      if next == ":" { throw error(.unsupported("a POSIX class"), at: itemStart) }
      return try bracket(itemStart)
    }
    let low = first == "\\" ? try escapedSet(itemStart) : ScalarSet([first.value...first.value])
    guard next == "-", place + 1 < scalars.count, scalars[place + 1] != "]",
      let lower = low.single
    else { return low }
    place += 1
    guard let last = next else { throw error(.syntax("']' is missing"), at: start) }
    place += 1
    let high = last == "\\" ? try escapedSet(itemStart) : ScalarSet([last.value...last.value])
    guard let upper = high.single, lower <= upper else {
      throw error(.syntax("a range that runs backwards"), at: itemStart)
    }
    return ScalarSet([lower...upper])
  }
}

extension ScalarSet {
  /// The only member, where there is just one.
  fileprivate var single: UInt32? {
    guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
    return range.lowerBound
  }
}
