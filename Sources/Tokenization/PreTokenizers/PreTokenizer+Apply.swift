// SPDX-License-Identifier: Apache-2.0

import TextNormalization

extension PreTokenizer {
  /// Cuts the pieces of a text further.
  ///
  /// Where `spelling` says that the model merges bytes, the byte-level step spells nothing out.
  func apply(to target: inout PreTokenizedText, spelling: Vocabulary.Spelling) {
    switch self {
    case .sequence(let steps):
      for step in steps { step.apply(to: &target, spelling: spelling) }
    case .byteLevel(let pattern, let addsPrefixSpace):
      if addsPrefixSpace { Self.prependSpaces(&target) }
      if let pattern { Self.split(&target, pattern, .isolated, isInverted: false) }
      if spelling == .text { Self.spellBytes(&target) }
    case .metaspace(let replacement, let prepend, let splits):
      Self.applyMetaspace(&target, replacement, prepend, splits: splits)
    case .split(let pattern, let behavior, let isInverted):
      Self.split(&target, pattern, behavior, isInverted: isInverted)
    case .digits(let individually):
      target.cut(at: ScalarTests.numeric, individually ? .isolated : .contiguous)
    case .punctuation(let behavior): target.cut(at: ScalarTests.punctuation, behavior)
    case .whitespace: Self.cutWords(&target)
    case .whitespaceSplit: target.cut(at: ScalarTests.whitespace, .removed)
    case .delimiter(let scalar):
      target.cut(at: ScalarBits(ScalarSet(scalars: [scalar.value])), .removed)
    case .bert:
      target.cut(at: ScalarTests.whitespace, .removed)
      target.cut(at: ScalarTests.punctuation, .isolated)
    case .unicodeScripts: Self.cutScripts(&target)
    case .fixedLength(let length): Self.cutLengths(&target, length)
    }
  }

  private static func split(
    _ target: inout PreTokenizedText, _ pattern: SplitPattern, _ behavior: SplitBehavior,
    isInverted: Bool
  ) {
    if behavior == .isolated {
      target.cut { bytes, piece, result in
        var end = piece.lowerBound
        pattern.forEachMatch(in: bytes, range: piece) { match in
          if end < match.lowerBound { result.append(end..<match.lowerBound) }
          if !match.isEmpty { result.append(match) }
          end = match.upperBound
        }
        if end < piece.upperBound { result.append(end..<piece.upperBound) }
      }
    } else {
      target.cut { bytes, piece, result in
        var matches = MatchList(piece)
        pattern.forEachMatch(in: bytes, range: piece) { matches.add($0) }
        matches.pieces(behavior, isInverted: isInverted, into: &result)
      }
    }
  }

  // MARK: Steps that change the text

  private static func prependSpaces(_ target: inout PreTokenizedText) {
    let space = UInt8(ascii: " ")
    let bytes = target.text.bytes
    guard target.pieces.contains(where: { bytes[$0.lowerBound] != space }) else { return }
    (target.text, target.pieces) = target.text.rewritten(target.pieces) { piece, rewriter in
      if bytes[piece.lowerBound] != space { rewriter.write([space], for: piece.lowerBound) }
      rewriter.copy(piece)
    }
  }

  private static func spellBytes(_ target: inout PreTokenizedText) {
    let bytes = target.text.bytes
    (target.text, target.pieces) = target.text.rewritten(target.pieces) { piece, rewriter in
      for place in piece {
        rewriter.write(ByteAlphabet.spelling(of: CollectionOfOne(bytes[place])), for: place)
      }
    }
  }

  private static func applyMetaspace(
    _ target: inout PreTokenizedText, _ replacement: Unicode.Scalar, _ prepend: PrependScheme,
    splits: Bool
  ) {
    let mark = Array(String(replacement).utf8)
    let space = UInt8(ascii: " ")
    let bytes = target.text.bytes
    let original = target.text
    (target.text, target.pieces) = target.text.rewritten(target.pieces) { piece, rewriter in
      let startsWithMark =
        bytes[piece.lowerBound] == space || bytes[piece].starts(with: mark)
      let isFirst = original.originalRange(piece).lowerBound == 0
      if !startsWithMark, prepend == .always || (prepend == .first && isFirst) {
        rewriter.write(mark, for: piece.lowerBound)
      }
      var done = piece.lowerBound
      for place in piece where bytes[place] == space {
        rewriter.copy(done..<place)
        rewriter.write(mark, for: place)
        done = place + 1
      }
      rewriter.copy(done..<piece.upperBound)
    }
    if splits {
      target.cut(at: ScalarBits(ScalarSet(scalars: [replacement.value])), .mergedWithNext)
    }
  }

  // MARK: Steps that only cut

  /// Runs of word characters and runs of what is neither word nor white space.
  private static func cutWords(_ target: inout PreTokenizedText) {
    let word = ScalarTests.word
    let whitespace = ScalarTests.whitespace
    target.cut { bytes, piece, result in
      var start = piece.lowerBound
      var openKind = 0
      var place = piece.lowerBound
      while place < piece.upperBound {
        let (scalar, length) = PreTokenizedText.scalar(in: bytes, at: place)
        let kind = word.contains(scalar) ? 1 : whitespace.contains(scalar) ? 0 : 2
        if kind != openKind {
          if openKind != 0 { result.append(start..<place) }
          start = place
          openKind = kind
        }
        place += length
      }
      if openKind != 0 { result.append(start..<place) }
    }
  }

  /// Cuts where the script changes; kana count as Han and a space as any script.
  ///
  /// As the reference does, text before the first letter whose script is known is lost.
  private static func cutScripts(_ target: inout PreTokenizedText) {
    target.cut { bytes, piece, result in
      var last: UInt8?
      var cuts: [Int] = []
      var place = piece.lowerBound
      while place < piece.upperBound {
        let (scalar, length) = PreTokenizedText.scalar(in: bytes, at: place)
        let script = ScalarClass.scriptGroup(of: scalar)
        if script != 0 {
          if last != script { cuts.append(place) }
          last = script
        }
        place += length
      }
      cuts.append(piece.upperBound)
      for (start, end) in zip(cuts, cuts.dropFirst()) where start < end {
        result.append(start..<end)
      }
    }
  }

  private static func cutLengths(_ target: inout PreTokenizedText, _ length: Int) {
    target.cut { bytes, piece, result in
      var start = piece.lowerBound
      var place = start
      var count = 0
      while place < piece.upperBound {
        place += PreTokenizedText.scalar(in: bytes, at: place).length
        count += 1
        if count == length {
          result.append(start..<place)
          start = place
          count = 0
        }
      }
      if start < place { result.append(start..<place) }
    }
  }
}
