// SPDX-License-Identifier: Apache-2.0

/// A text on its way to the model, in which every byte knows where in the original it came from.
struct AlignedText {
  /// A range of bytes in the original text.
  struct Origin {
    var start: UInt32
    var end: UInt32
  }

  /// The text as it is now.
  private(set) var bytes: [UInt8]
  /// Where each byte came from; nil where byte i is the original's byte `base` + i.
  private(set) var origins: [Origin]?
  /// Where this text starts in the original.
  let base: Int
  /// Whether anyone will ask for origins.
  let tracksOrigins: Bool

  init(_ bytes: [UInt8], origins: [Origin]? = nil, base: Int, tracksOrigins: Bool) {
    self.bytes = bytes
    self.origins = origins
    self.base = base
    self.tracksOrigins = tracksOrigins
  }

  /// Whether this text is the original, from its start.
  var isOriginal: Bool { origins == nil && base == 0 }

  /// Where a range of this text came from.
  func originalRange(_ range: Range<Int>) -> Range<Int> {
    guard let origins else { return base + range.lowerBound..<base + range.upperBound }
    guard !range.isEmpty else {
      let place = range.lowerBound < origins.count ? Int(origins[range.lowerBound].start) : base
      return place..<place
    }
    let start = Int(origins[range.lowerBound].start)
    return start..<max(start, Int(origins[range.upperBound - 1].end))
  }

  /// A part of this text as a text of its own.
  func part(_ range: Range<Int>) -> AlignedText {
    AlignedText(
      Array(bytes[range]), origins: origins.map { Array($0[range]) },
      base: base + (origins == nil ? range.lowerBound : 0), tracksOrigins: tracksOrigins)
  }

  /// Builds a text anew from pieces of this one.
  func rewritten(_ pieces: [Range<Int>], _ body: (Range<Int>, inout Rewriter) -> Void)
    -> (text: AlignedText, pieces: [Range<Int>])
  {
    var rewriter = Rewriter(source: bytes, origins: tracksOrigins ? materializedOrigins() : nil)
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    for piece in pieces {
      let start = rewriter.bytes.count
      body(piece, &rewriter)
      result.append(start..<rewriter.bytes.count)
    }
    let text = AlignedText(
      rewriter.bytes, origins: rewriter.tracked, base: base, tracksOrigins: tracksOrigins)
    return (text, result)
  }

  /// The origin of every byte: the whole scalar that it belongs to, as the reference counts.
  private func materializedOrigins() -> [Origin] {
    if let origins { return origins }
    var result: [Origin] = []
    result.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      let length = UTF8Length.scalar(in: bytes.span, at: place)
      let origin = Origin(start: UInt32(base + place), end: UInt32(base + place + length))
      for _ in 0..<length { result.append(origin) }
      place += length
    }
    return result
  }

  /// Writes the new text.
  struct Rewriter {
    private let source: [UInt8]
    private let origins: [Origin]?
    fileprivate(set) var bytes: [UInt8] = []
    private var written: [Origin] = []
    fileprivate var tracked: [Origin]? { origins == nil ? nil : written }

    fileprivate init(source: [UInt8], origins: [Origin]?) {
      self.source = source
      self.origins = origins
      bytes.reserveCapacity(source.count + source.count / 4)
    }

    /// Takes over bytes as they are.
    mutating func copy(_ range: Range<Int>) {
      bytes += source[range]
      if let origins { written += origins[range] }
    }

    /// Writes text that stands for the source byte at `place`.
    mutating func write(_ text: [UInt8], for place: Int) {
      bytes += text
      if let origins {
        for _ in text { written.append(origins[place]) }
      }
    }

    /// Takes away a text that stands at the end, as often as it does.
    mutating func trim(trailing text: [UInt8]) {
      while bytes.count >= text.count, bytes.suffix(text.count).elementsEqual(text) {
        bytes.removeLast(text.count)
        if origins != nil { written.removeLast(text.count) }
      }
    }
  }
}
