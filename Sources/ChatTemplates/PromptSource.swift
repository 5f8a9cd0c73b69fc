// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// What is known of a prompt beside its text, in the form that its render kept.
///
/// Many callers want the text alone, and encoding needs only what of it may hold control tokens.
protocol PromptSource: AnyObject, Sendable {
  /// Who wrote what, worked out once.
  var segments: [PromptSegment] { get }
  /// The byte ranges of the trusted segments, joined where they touch.
  var trustedRanges: [Range<Int>] { get }
  // The others are as those of ``Prompt``.
  var stopTokens: [ExactString] { get }
  var stopStrings: [ExactString] { get }
  var boundary: TokenBoundary { get }
  var controlTokens: [ExactString] { get }
  var templateText: ExactString { get }
}

/// A prompt's segments, made when they are first asked for, and what is known from the start.
final class LazySegments: PromptSource {
  let stopTokens: [ExactString]
  let stopStrings: [ExactString] = []
  let boundary: TokenBoundary
  let controlTokens: [ExactString]
  let templateText: ExactString
  private let made: LazyValue<[PromptSegment]>

  init(
    _ segments: LazyValue<[PromptSegment]>, stopTokens: [ExactString], boundary: TokenBoundary,
    controlTokens: [ExactString], templateText: ExactString
  ) {
    self.stopTokens = stopTokens
    self.boundary = boundary
    self.controlTokens = controlTokens
    self.templateText = templateText
    made = segments
  }

  var segments: [PromptSegment] { made.value }

  var trustedRanges: [Range<Int>] {
    var ranges = JoinedRanges()
    for segment in segments where segment.isTrusted { ranges.append(segment.byteRange) }
    return ranges.ranges
  }
}

/// Ascending ranges, joined where they touch.
struct JoinedRanges {
  private(set) var ranges: [Range<Int>] = []

  mutating func append(_ range: Range<Int>) {
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }
}
