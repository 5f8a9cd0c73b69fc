// SPDX-License-Identifier: Apache-2.0

import CICU

extension NormalizedText {
  /// `Precompiled` as Hugging Face has it.
  ///
  /// Grapheme clusters of fewer than 6 bytes are looked up first, then single scalars, each time
  /// taking the replacement of the shortest key that the piece begins with, for the whole piece.
  public mutating func apply(_ charsmap: PrecompiledCharsmap) {
    var changes = CharsmapChanges()
    var start = 0
    forEachGrapheme { end in
      changes.read(bytes, start..<end, charsmap)
      start = end
    }
    guard changes.isModified else { return }
    var rewriter = TextRewriter(self)
    for (scalar, change) in changes.result { rewriter.apply(scalar, change) }
    self = rewriter.finished()
  }

  private func forEachGrapheme(_ body: (_ end: Int) -> Void) {
    unsafe bytes.withUnsafeBytes { buffer in
      var status: Int32 = 0
      // SAFETY: the iterator is closed before the bytes go.
      let graphemes = unsafe dialect_graphemes_open(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int64(buffer.count), &status)
      defer { unsafe dialect_graphemes_close(graphemes) }
      guard unsafe graphemes != nil else { return body(buffer.count) }
      while case let end = unsafe dialect_graphemes_next(graphemes), end >= 0 { body(Int(end)) }
    }
  }
}

/// What a charsmap makes of a text, with each scalar's change for the alignment.
private struct CharsmapChanges {
  private(set) var result: [(scalar: UInt32, change: Int)] = []
  private(set) var isModified = false

  mutating func read(_ bytes: [UInt8], _ grapheme: Range<Int>, _ charsmap: PrecompiledCharsmap) {
    if grapheme.count < 6, let text = charsmap.shortestMatch(in: bytes, grapheme) {
      let count = NormalizedText.scalars(of: Array(bytes[grapheme])).count
      return replace(count, with: text)
    }
    var offset = grapheme.lowerBound
    while offset < grapheme.upperBound {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      if let text = charsmap.shortestMatch(in: bytes, offset..<(offset + length)) {
        replace(1, with: text)
      } else {
        result.append((scalar, 0))
      }
      offset += length
    }
  }

  /// The last scalars are new where there are more than before; where there are fewer, the scalar
  /// written last, whatever it stands for, takes the removed ones along.
  private mutating func replace(_ count: Int, with text: [UInt8]) {
    isModified = true
    let scalars = NormalizedText.scalars(of: text)
    for (index, scalar) in scalars.enumerated() { result.append((scalar, index < count ? 0 : 1)) }
    if scalars.count < count, !result.isEmpty {
      result[result.count - 1].change += scalars.count - count
    }
  }
}
