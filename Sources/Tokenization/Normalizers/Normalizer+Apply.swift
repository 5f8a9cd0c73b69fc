// SPDX-License-Identifier: Apache-2.0

import TextNormalization

extension Normalizer {
  /// The normalized text.
  func apply(to text: AlignedText) -> AlignedText {
    if case .sentencePiece(let normalizer) = self { return normalizer.apply(to: text) }
    var changed = NormalizedText(text.bytes, tracksOriginal: text.tracksOrigins)
    apply(to: &changed)
    guard !changed.isUnchanged || changed.bytes.count != text.bytes.count else {
      return AlignedText(
        changed.bytes, origins: text.origins, base: text.base, tracksOrigins: text.tracksOrigins)
    }
    guard text.tracksOrigins else {
      return AlignedText(changed.bytes, base: text.base, tracksOrigins: false)
    }
    let origins = changed.bytes.indices.map { place in
      let range = text.originalRange(changed.originalRange(of: place..<place + 1))
      return AlignedText.Origin(start: UInt32(range.lowerBound), end: UInt32(range.upperBound))
    }
    return AlignedText(changed.bytes, origins: origins, base: text.base, tracksOrigins: true)
  }

  private func apply(to text: inout NormalizedText) {
    switch self {
    case .sequence(let steps): for step in steps { step.apply(to: &text) }
    case .unicode(let normalizer): text.normalize(with: normalizer)
    case .lowercase: text.lowercase()
    case .stripAccents: text.stripAccents()
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .prepend(let prefix): text.prepend(prefix)
    case .replace(.literal(let literal), let content): text.replace(literal, with: content)
    case .replace(.pattern(let pattern), let content):
      var matches: [Range<Int>] = []
      pattern.forEachMatch(in: text.bytes.span, range: 0..<text.bytes.count) { matches.append($0) }
      text.replace(matches, with: content)
    case .nmt: text.applyNmt()
    case .precompiled(let charsmap): text.apply(charsmap)
    case .bert(let cleansText, let separatesChinese, let stripsAccents, let lowercases):
      text.applyBert(
        cleansText: cleansText, separatesChinese: separatesChinese, stripsAccents: stripsAccents,
        lowercases: lowercases)
    case .byteLevel: text.encodeByteLevel()
    case .sentencePiece: break
    }
  }
}
