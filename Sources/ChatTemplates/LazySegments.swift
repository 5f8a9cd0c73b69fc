// SPDX-License-Identifier: Apache-2.0

import TextPrimitives

/// Who wrote what in a prompt, in the form that its render kept.
///
/// Many callers want the text alone, and encoding needs only what of it may hold control tokens.
protocol SegmentSource: AnyObject, Sendable {
  /// The segments, worked out once.
  var segments: [PromptSegment] { get }
  /// The byte ranges of the trusted segments, joined where they touch.
  var trustedRanges: [Range<Int>] { get }
}

/// A prompt's segments, made when they are first asked for.
final class LazySegments: SegmentSource {
  private let made: LazyValue<[PromptSegment]>

  /// Segments that exist already.
  init(_ segments: [PromptSegment]) {
    made = LazyValue(segments)
  }

  /// Segments by a closure, which is called at most once.
  init(_ make: @escaping @Sendable () -> [PromptSegment]) {
    made = LazyValue(making: make)
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
