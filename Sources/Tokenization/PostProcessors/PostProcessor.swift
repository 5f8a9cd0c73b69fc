// SPDX-License-Identifier: Apache-2.0

/// Adds the tokens that a model expects around a text.
public indirect enum PostProcessor: Sendable {
  /// A token with its id, as Bert's and Roberta's processors name it.
  public struct Token: Hashable, Sendable {
    /// Its id.
    public var id: TokenID

    /// A token.
    public init(id: TokenID) {
      self.id = id
    }
  }

  case template(TemplateProcessor)
  /// Leaves the white space at the ends of tokens out of their offsets, but not the one space
  /// before the first token where a space is prepended to texts.
  case byteLevel(trimsOffsets: Bool, addsPrefixSpace: Bool)
  case bert(separator: Token, classifier: Token)
  case roberta(separator: Token, classifier: Token, trimsOffsets: Bool, addsPrefixSpace: Bool)
  case sequence([PostProcessor])

  /// How many tokens are added to one text, or to a pair.
  func addedCount(isPair: Bool) -> Int {
    switch self {
    case .template(let template): template.addedCount(isPair: isPair)
    case .byteLevel: 0
    case .bert: isPair ? 3 : 2
    case .roberta: isPair ? 4 : 2
    case .sequence(let steps): steps.reduce(0) { $0 + $1.addedCount(isPair: isPair) }
    }
  }

  /// Turns the encodings of one or two texts into one.
  static func process(
    _ processor: PostProcessor?, _ encodings: [Encoding], _ spaces: TokenSpaces,
    addsSpecialTokens: Bool
  ) -> Encoding {
    var parts = encodings
    if let processor {
      parts = processor.apply(parts, spaces, addsSpecialTokens: addsSpecialTokens)
    }
    var result = parts.first ?? Encoding()
    for part in parts.dropFirst() { result.append(part) }
    return result
  }

  private func apply(
    _ encodings: [Encoding], _ spaces: TokenSpaces, addsSpecialTokens: Bool
  ) -> [Encoding] {
    switch self {
    case .template(let template):
      return template.apply(encodings, addsSpecialTokens: addsSpecialTokens)
    case .byteLevel(let trimsOffsets, let addsPrefixSpace):
      guard trimsOffsets else { return encodings }
      return encodings.map { $0.trimmingOffsets(spaces, keepsPrefixSpace: addsPrefixSpace) }
    case .bert(let separator, let classifier):
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        encoding.wrapped(
          start: index == 0 ? classifier.id : nil, end: separator.id, typeID: index == 0 ? 0 : 1)
      }
    case .roberta(let separator, let classifier, let trimsOffsets, let addsPrefixSpace):
      var encodings = encodings
      if trimsOffsets {
        encodings = encodings.map {
          $0.trimmingOffsets(spaces, keepsPrefixSpace: addsPrefixSpace)
        }
      }
      for index in encodings.indices { encodings[index].setTypeID(0) }
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        encoding.wrapped(
          start: index == 0 ? classifier.id : separator.id, end: separator.id, typeID: 0)
      }
    case .sequence(let steps):
      return steps.reduce(encodings) {
        $1.apply($0, spaces, addsSpecialTokens: addsSpecialTokens)
      }
    }
  }
}

extension Encoding {
  mutating func setTypeID(_ id: UInt32) {
    typeIDs = TokenColumn(repeating: id, count: count)
    for index in overflowing.indices { overflowing[index].setTypeID(id) }
  }

  /// Puts special tokens around the encoding and its overflow; nothing within counts as special.
  fileprivate func wrapped(start: TokenID?, end: TokenID, typeID: UInt32) -> Encoding {
    func special(_ id: TokenID) -> Encoding {
      Encoding(ids: [id], offsets: [0..<0], typeID: typeID, sequenceIndex: nil, isSpecial: true)
    }
    var inner = part(0..<count)
    inner.specialTokensMask = TokenColumn(repeating: false, count: count)
    var result = start.map(special) ?? Encoding()
    result.append(inner)
    result.append(special(end))
    result.overflowing = overflowing.map { $0.wrapped(start: start, end: end, typeID: typeID) }
    return result
  }
}
