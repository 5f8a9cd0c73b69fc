// SPDX-License-Identifier: Apache-2.0

/// Bytes of the template's source, line ends normalized.
struct SourceSpan: Hashable, Sendable {
  var start: Int32
  var end: Int32

  init(_ start: Int, _ end: Int) {
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }

  var range: Range<Int> { Int(start)..<max(Int(start), Int(end)) }

  /// From the start of this span to the end of another.
  func joined(to other: SourceSpan) -> SourceSpan {
    SourceSpan(Int(min(start, other.start)), Int(max(end, other.end)))
  }
}
