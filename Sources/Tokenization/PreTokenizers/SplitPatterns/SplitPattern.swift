// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// A pre-tokenizer's regular expression, compiled to a matcher over UTF-8.
///
/// One mechanism serves every pattern. A first byte tells which alternatives can match, a
/// repetition of one class is a loop over a table, and only what can be of use is ever taken back.
/// The match is the leftmost, and of several the first alternative's, as Perl, Oniguruma and
/// fancy-regex have it. What the mechanism cannot express goes to ICU with the classes written out.
///
/// Bytes that are not UTF-8 count as unassigned scalars.
///
/// ```swift
/// let pattern = try SplitPattern(#"\p{N}{1,3}|\p{L}+"#, dialect: .oniguruma)
/// pattern.nextMatch(in: text.span, from: 0)   // 0..<3 in "12345"
/// ```
public struct SplitPattern: Sendable {
  /// Whose rules a pattern follows, where engines differ.
  public enum Dialect: Hashable, Sendable {
    /// Hugging Face tokenizers: Oniguruma with Ruby's syntax.
    case oniguruma
    /// tiktoken: Rust's regex syntax with look-around.
    case fancyRegex
  }

  private enum Engine: Sendable {
    case program(PatternProgram)
    case icu(ICURegex)
  }

  /// The pattern as it was written.
  public let source: String
  /// Whose rules it follows.
  public let dialect: Dialect
  private let engine: Engine

  /// Compiles a pattern.
  ///
  /// - Throws: ``SplitPatternError`` naming the construct that is not supported, and its place.
  public init(_ source: String, dialect: Dialect) throws(SplitPatternError) {
    self.source = source
    self.dialect = dialect
    var parser = PatternParser(source, dialect: dialect)
    let node = try parser.parse()
    if let program = try? PatternCompiler.compile(node) {
      engine = .program(program)
      return
    }
    engine = .icu(try Self.regex(node, source))
  }

  private init(onICU pattern: SplitPattern) throws(SplitPatternError) {
    (source, dialect) = (pattern.source, pattern.dialect)
    var parser = PatternParser(source, dialect: dialect)
    engine = .icu(try Self.regex(try parser.parse(), source))
  }

  /// The same pattern on ICU.
  var onICU: SplitPattern {
    get throws(SplitPatternError) { try SplitPattern(onICU: self) }
  }

  private static func regex(
    _ node: PatternNode, _ source: String
  ) throws(SplitPatternError) -> ICURegex {
    do {
      return try ICURegex(node.icuPattern)
    } catch {
      throw SplitPatternError(
        kind: .unsupported("the pattern"), pattern: source, scalarOffset: 0)
    }
  }

  /// Whether the pattern runs on ICU, which is some ten times slower.
  public var usesICU: Bool {
    if case .icu = engine { true } else { false }
  }

  /// The program, where there is one and it never matches nothing.
  var pieceProgram: PatternProgram? {
    if case .program(let program) = engine, program.endEntries == 0 { program } else { nil }
  }

  /// The first match at or after a byte offset; it may be empty.
  ///
  /// - Complexity: O(*n*) for patterns in use. Where matching gets out of hand, ways that failed are
  ///   remembered, or, on ICU, the search ends without a match.
  public func nextMatch(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    switch engine {
    case .program(let program):
      var matcher = PatternMatcher(program)
      return matcher.nextMatch(in: text, from: start)
    case .icu(let regex):
      return (try? regex.firstMatch(in: text, from: start)) ?? nil
    }
  }

  /// Calls `body` with every match in order, as regex iterators do: an empty match right after
  /// another match is passed over.
  @inline(__always)
  func forEachMatch(
    in text: Span<UInt8>, range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    let text = text.extracting(range)
    let offset = range.lowerBound
    switch engine {
    case .icu(let regex):
      try? regex.forEachMatch(in: text) { body($0.lowerBound + offset..<$0.upperBound + offset) }
    case .program(let program):
      var matcher = PatternMatcher(program)
      var (place, lastEnd) = (0, -1)
      while place <= text.count, let match = matcher.nextMatch(in: text, from: place) {
        place = match.upperBound
        if match.isEmpty {
          place += UTF8Length.scalar(in: text, at: place)
          if lastEnd == match.upperBound { continue }
        }
        lastEnd = match.upperBound
        body(match.lowerBound + offset..<match.upperBound + offset)
      }
    }
  }
}

/// Lengths of UTF-8 sequences.
enum UTF8Length {
  /// Bytes of the scalar that starts at `place`; 1 at the end and for a byte that starts none.
  @inline(__always)
  static func scalar(in text: Span<UInt8>, at place: Int) -> Int {
    guard place < text.count, text[place] >= 0x80 else { return 1 }
    return UTF8Scalars.decode(text, at: place).length
  }
}
