// SPDX-License-Identifier: Apache-2.0

extension NormalizedText {
  /// Brings the text into a normalization form.
  ///
  /// A composed character keeps the origin of its first part, as the reference has it.
  public mutating func normalize(with normalizer: UnicodeNormalizer) {
    guard var piece = normalizer.firstChange(in: bytes, from: 0) else { return }
    var rewriter = TextRewriter(self)
    var changes = NormalizationChanges(normalizer)
    while true {
      rewriter.copy(upTo: piece.lowerBound)
      changes.read(bytes, piece)
      for (scalar, change) in changes.result { rewriter.apply(scalar, change) }
      rewriter.remove(upTo: piece.upperBound)
      guard let next = normalizer.firstChange(in: bytes, from: piece.upperBound) else { break }
      piece = next
    }
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }
}

extension TextRewriter {
  /// Writes a scalar that is new (1), or that stands for the next scalar and as many more as its
  /// change is below 0.
  mutating func apply(_ scalar: UInt32, _ change: Int) {
    if change > 0 { return insert(scalar) }
    replace(with: scalar)
    for _ in 0..<(-change) { remove() }
  }
}

/// The normalization of one piece, each scalar with what it means for the alignment.
///
/// A decomposition's first scalar takes its character's place and the others are new; the changes
/// move with their scalars when marks are ordered, and add up when scalars compose. This is what the
/// reference does (n1t0/unicode-normalization 9ca6960, decompose.rs and recompose.rs).
private struct NormalizationChanges {
  typealias Change = (scalar: UInt32, change: Int)

  private let normalizer: UnicodeNormalizer
  private var classes: [UInt8] = []
  private(set) var result: [Change] = []

  init(_ normalizer: UnicodeNormalizer) {
    self.normalizer = normalizer
  }

  mutating func read(_ bytes: [UInt8], _ piece: Range<Int>) {
    result.removeAll(keepingCapacity: true)
    classes.removeAll(keepingCapacity: true)
    var next = piece.lowerBound
    while next < piece.upperBound {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: next)
      var change = 0
      normalizer.decompose(scalar) { part in
        result.append((part, change))
        classes.append(normalizer.combiningClass(part))
        change = 1
      }
      next += length
    }
    orderMarks()
    if normalizer.form.isComposed { compose() }
  }

  /// Orders each run of marks by class, equal classes staying in place.
  private mutating func orderMarks() {
    var start = 0
    while start < result.count {
      guard classes[start] != 0 else {
        start += 1
        continue
      }
      var end = start + 1
      var isOrdered = true
      while end < result.count, classes[end] != 0 {
        if classes[end] < classes[end - 1] { isOrdered = false }
        end += 1
      }
      if !isOrdered {
        let order = (start..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
        let scalars = order.map { result[$0] }
        let ordered = order.map { classes[$0] }
        result.replaceSubrange(start..<end, with: scalars)
        classes.replaceSubrange(start..<end, with: ordered)
      }
      start = end
    }
  }

  private mutating func compose() {
    var count = 0
    var starter: Int?
    var lastClass = -1
    for index in result.indices {
      let (scalar, change) = result[index]
      let itsClass = Int(classes[index])
      if let starter, lastClass < itsClass || lastClass == -1,
        let composed = normalizer.composition(result[starter].scalar, scalar)
      {
        result[starter] = (composed, result[starter].change + change - 1)
        continue
      }
      result[count] = (scalar, change)
      if itsClass == 0 {
        starter = count
        lastClass = -1
      } else if starter != nil {
        lastClass = itsClass
      }
      count += 1
    }
    result.removeSubrange(count...)
  }
}
