// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Reads the regular expressions of pre-tokenizers: those of Oniguruma in Ruby's syntax (Hugging
/// Face tokenizers) and of Rust's fancy-regex (tiktoken).
struct PatternParser {
  /// What the groups around a place switched on.
  struct Flags {
    var ignoresCase = false
    var dotTakesLineFeeds = false
    var hasLineAnchors = false
    var isExtended = false
  }

  let pattern: String
  let scalars: [Unicode.Scalar]
  let dialect: SplitPattern.Dialect
  var place = 0
  var flags = Flags()
  private var depth = 0

  init(_ pattern: String, dialect: SplitPattern.Dialect) {
    self.pattern = pattern
    self.dialect = dialect
    scalars = Array(pattern.unicodeScalars)
    flags.hasLineAnchors = dialect == .oniguruma
  }

  mutating func parse() throws(SplitPatternError) -> PatternNode {
    let node = try alternatives()
    guard place == scalars.count else { throw error(.syntax("')' closes nothing")) }
    return node
  }

  func error(_ kind: SplitPatternError.Kind, at offset: Int? = nil) -> SplitPatternError {
    SplitPatternError(kind: kind, pattern: pattern, scalarOffset: offset ?? place)
  }

  var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard scalars[place...].starts(with: wanted) else { return false }
    place += wanted.count
    return true
  }

  mutating func require(_ text: String) throws(SplitPatternError) {
    guard take(text) else { throw error(.syntax("'\(text)' is missing")) }
  }

  // MARK: Structure

  /// Alternatives up to the end of the group; flags that are set within end with it.
  mutating func alternatives() throws(SplitPatternError) -> PatternNode {
    guard depth < 100 else { throw error(.tooLarge) }
    depth += 1
    let outer = flags
    defer {
      depth -= 1
      flags = outer
    }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(SplitPatternError) -> PatternNode {
    var items: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if flags.isExtended, skipsExtended(scalar) { continue }
      let start = place
      if try takeFlags() {
        // Ruby's syntax makes all that follows in the group, alternatives too, one group.
        if dialect == .oniguruma { items.append(try alternatives()) }
        continue
      }
      guard let item = try atom(start) else { continue }
      items.append(try quantified(item))
    }
    return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
  }

  private mutating func skipsExtended(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "#" {
      while let scalar = next, scalar != "\n" { place += 1 }
      return true
    }
    guard scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) else { return false }
    place += 1
    return true
  }

  private mutating func quantified(_ item: PatternNode) throws(SplitPatternError) -> PatternNode {
    var item = item
    while true {
      if flags.isExtended, let scalar = next, skipsExtended(scalar) { continue }
      let isInterval = next == "{"
      guard let (minimum, maximum) = try quantifier() else { return item }
      var greed = PatternNode.Greed.greedy
      if dialect == .oniguruma, isInterval {
        // Ruby's syntax knows no possessive intervals, and no lazy ones of one length: what
        // follows is a quantifier of its own.
        if minimum != maximum, take("?") { greed = .lazy }
      } else {
        greed = take("?") ? .lazy : take("+") ? .possessive : .greedy
      }
      item = .repetition(item, minimum: minimum, maximum: maximum, greed)
    }
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
      // Braces that are no quantifier stand for themselves.
      place = start
      return nil
    }
    if let maximum, maximum < minimum ?? 0 || maximum > 1000 {
      throw error(.unsupported("a repetition of that size"), at: start)
    }
    if minimum ?? 0 > 1000 { throw error(.unsupported("a repetition of that size"), at: start) }
    return (minimum ?? 0, maximum)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar), value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 48)
      place += 1
    }
    return value
  }

  // MARK: Atoms

  /// One atom; nil for a comment.
  private mutating func atom(_ start: Int) throws(SplitPatternError) -> PatternNode? {
    guard let scalar = next else { return .empty }
    place += 1
    switch scalar {
    case "(": return try group(start)
    case "[": return .set(folded(try bracket(start)))
    case ".":
      return .set(
        flags.dotTakesLineFeeds ? ScalarSet().inverted : ScalarSet([0x0A...0x0A]).inverted)
    case "^":
      return flags.hasLineAnchors ? .lineStart(isOniguruma: dialect == .oniguruma) : .textStart
    case "$": return flags.hasLineAnchors ? .lineEnd : .textEnd
    case "\\": return try escape(start)
    case "*", "+", "?": throw error(.syntax("'\(scalar)' repeats nothing"), at: start)
    default: return .set(folded(ScalarSet([scalar.value...scalar.value])))
    }
  }

  func folded(_ set: ScalarSet) -> ScalarSet {
    flags.ignoresCase ? set.caseInsensitive : set
  }

  private mutating func group(_ start: Int) throws(SplitPatternError) -> PatternNode? {
    guard take("?") else { return try closed() }
    if take("#") {
      while let scalar = next, scalar != ")" { place += 1 }
      try require(")")
      return nil
    }
    if take(":") { return try closed() }
    if take(">") { return .atomic(try closed()) }
    if take("=") { return .look(try closed(), isAhead: true, isNegative: false) }
    if take("!") { return .look(try closed(), isAhead: true, isNegative: true) }
    if take("<=") { return .look(try closed(), isAhead: false, isNegative: false) }
    if take("<!") { return .look(try closed(), isAhead: false, isNegative: true) }
    if take("P<") || take("<") {
      while let scalar = next, scalar != ">" { place += 1 }
      try require(">")
      return try closed()
    }
    let outer = flags
    defer { flags = outer }
    try readFlags(start)
    try require(":")
    return try closed()
  }

  /// Takes a group such as `(?i)`, which holds for what follows.
  private mutating func takeFlags() throws(SplitPatternError) -> Bool {
    let (start, outer) = (place, flags)
    guard take("(?"), let scalar = next, scalar == "-" || ("a"..."z").contains(scalar) else {
      place = start
      return false
    }
    try readFlags(start)
    if take(")") { return true }
    (place, flags) = (start, outer)
    return false
  }

  private mutating func readFlags(_ start: Int) throws(SplitPatternError) {
    var isOn = true
    while let scalar = next, scalar != ")", scalar != ":" {
      switch (scalar, dialect) {
      case ("-", _): isOn = false
      case ("i", _): flags.ignoresCase = isOn
      case ("x", _): flags.isExtended = isOn
      case ("m", .oniguruma), ("s", .fancyRegex): flags.dotTakesLineFeeds = isOn
      case ("m", .fancyRegex): flags.hasLineAnchors = isOn
      case ("u", .fancyRegex) where isOn: break
      default: throw error(.unsupported("the group '(?\(scalar)'"), at: start)
      }
      place += 1
    }
  }

  private mutating func closed() throws(SplitPatternError) -> PatternNode {
    let node = try alternatives()
    try require(")")
    return node
  }
}
