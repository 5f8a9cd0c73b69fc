// SPDX-License-Identifier: Apache-2.0

/// What becomes of the parts of a text that a pattern matches.
///
/// For `the-final--countdown` cut at `-`:
public enum SplitBehavior: String, Hashable, Sendable {
  /// `the` `final` `countdown`
  case removed = "Removed"
  /// `the` `-` `final` `-` `-` `countdown`
  case isolated = "Isolated"
  /// `the-` `final-` `-` `countdown`
  case mergedWithPrevious = "MergedWithPrevious"
  /// `the` `-final` `-` `-countdown`
  case mergedWithNext = "MergedWithNext"
  /// `the` `-` `final` `--` `countdown`
  case contiguous = "Contiguous"
}

/// A text cut into matches and what lies between them, without gaps.
struct MatchList {
  private(set) var parts: [(range: Range<Int>, isMatch: Bool)] = []
  private let whole: Range<Int>
  private var end: Int

  /// Starts at the beginning of a piece.
  init(_ whole: Range<Int>) {
    self.whole = whole
    end = whole.lowerBound
  }

  mutating func add(_ match: Range<Int>) {
    if end != match.lowerBound { parts.append((end..<match.lowerBound, false)) }
    parts.append((match, true))
    end = match.upperBound
  }

  /// The pieces that a behaviour makes of the matches.
  ///
  /// As `NormalizedString::split` does (huggingface/tokenizers 3ba8ad00, tokenizer/normalizer.rs).
  consuming func pieces(
    _ behavior: SplitBehavior, isInverted: Bool, into output: inout [Range<Int>]
  ) {
    if end != whole.upperBound { parts.append((end..<whole.upperBound, false)) }
    switch behavior {
    case .isolated: for part in parts { Self.append(part.range, to: &output) }
    case .removed:
      for part in parts where part.isMatch == isInverted { Self.append(part.range, to: &output) }
    case .contiguous: join(isInverted, into: &output) { $0 == $1 }
    case .mergedWithPrevious: join(isInverted, into: &output) { $0 && !$1 }
    case .mergedWithNext:
      var joined: [Range<Int>] = []
      var isAfterMatch = false
      for part in parts.reversed() {
        let isMatch = part.isMatch != isInverted
        if isMatch, !isAfterMatch, let last = joined.popLast() {
          joined.append(part.range.lowerBound..<last.upperBound)
        } else {
          joined.append(part.range)
        }
        isAfterMatch = isMatch
      }
      for range in joined.reversed() { Self.append(range, to: &output) }
    }
  }

  /// Extends the piece before, where `joins(is a match, the one before is)`.
  private func join(
    _ isInverted: Bool, into output: inout [Range<Int>], _ joins: (Bool, Bool) -> Bool
  ) {
    var open: Range<Int>?
    var isAfterMatch = false
    for part in parts {
      let isMatch = part.isMatch != isInverted
      if joins(isMatch, isAfterMatch), let range = open {
        open = range.lowerBound..<part.range.upperBound
      } else {
        if let open { Self.append(open, to: &output) }
        open = part.range
      }
      isAfterMatch = isMatch
    }
    if let open { Self.append(open, to: &output) }
  }

  private static func append(_ range: Range<Int>, to output: inout [Range<Int>]) {
    if !range.isEmpty { output.append(range) }
  }
}
