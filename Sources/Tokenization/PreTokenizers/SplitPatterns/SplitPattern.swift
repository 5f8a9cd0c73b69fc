// SPDX-License-Identifier: Apache-2.0

/// A pre-tokenizer's regular expression, compiled to a matcher over UTF-8.
///
/// One mechanism serves every pattern: alternatives are chosen by the first byte, a repetition of
/// one class is a loop over a table, and only what can really be taken back is remembered. The
/// matcher prefers as Perl does: the leftmost match, and of several the first alternative.
///
/// ```swift
/// let pattern = try SplitPattern(#"\p{N}{1,3}|\p{L}+"#, dialect: .oniguruma)
/// pattern.nextMatch(in: text.span, from: 0)   // 0..<3 in "12345"
/// ```
public struct SplitPattern: Sendable {
  /// Whose rules a pattern follows, where engines differ.
  public enum Dialect: Hashable, Sendable {
    /// Hugging Face tokenizers: `^` and `$` match at lines.
    case oniguruma
    /// tiktoken: `^` and `$` match at the ends of the text.
    case fancyRegex
  }

  /// The pattern as it was written.
  public let source: String
  /// Whose rules it follows.
  public let dialect: Dialect
  let program: PatternProgram

  /// Compiles a pattern.
  ///
  /// - Throws: ``SplitPatternError`` naming the construct that is not supported, and its place.
  public init(_ source: String, dialect: Dialect) throws(SplitPatternError) {
    self.source = source
    self.dialect = dialect
    var parser = PatternParser(source, dialect: dialect)
    var compiler = PatternCompiler(source)
    program = try compiler.compile(try parser.parse())
  }

  /// The first match at or after a byte offset; it may be empty.
  ///
  /// Bytes that are not UTF-8 count as scalars of no class.
  public func nextMatch(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var matcher = PatternMatcher(program)
    return matcher.nextMatch(in: text, from: start)
  }

  /// Calls `body` with every match in order, as regex iterators do: an empty match right after
  /// another match is passed over.
  func forEachMatch(in text: Span<UInt8>, range: Range<Int>, _ body: (Range<Int>) -> Void) {
    var matcher = PatternMatcher(program)
    let text = text.extracting(range)
    var place = 0
    var lastEnd: Int?
    while place <= text.count, let match = matcher.nextMatch(in: text, from: place) {
      if match.isEmpty {
        place = match.upperBound + UTF8Length.scalar(in: text, at: match.upperBound)
        if lastEnd == match.upperBound { continue }
      } else {
        place = match.upperBound
      }
      lastEnd = match.upperBound
      body(match.lowerBound + range.lowerBound..<match.upperBound + range.lowerBound)
    }
  }
}

/// Lengths of UTF-8 sequences.
enum UTF8Length {
  /// Bytes of the scalar that starts at `place`; 1 at the end and for a byte that starts none.
  @inline(__always)
  static func scalar(in text: Span<UInt8>, at place: Int) -> Int {
    guard place < text.count, text[place] >= 0x80 else { return 1 }
    return PatternMatcher.decode(text, place).length
  }
}
