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
  /// Leaves the white space at the ends of tokens out of their offsets.
  case byteLevel(trimsOffsets: Bool)
  case bert(separator: Token, classifier: Token)
  case roberta(separator: Token, classifier: Token, trimsOffsets: Bool)
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
    _ processor: PostProcessor?, _ encodings: [Encoding], texts: [[UInt8]],
    addsSpecialTokens: Bool
  ) -> Encoding {
    var parts = encodings
    if let processor {
      parts = processor.apply(parts, texts, addsSpecialTokens: addsSpecialTokens)
    }
    var result = parts.first ?? Encoding()
    for part in parts.dropFirst() { result.append(part) }
    return result
  }

  private func apply(
    _ encodings: [Encoding], _ texts: [[UInt8]], addsSpecialTokens: Bool
  ) -> [Encoding] {
    switch self {
    case .template(let template):
      return template.apply(encodings, addsSpecialTokens: addsSpecialTokens)
    case .byteLevel(let trimsOffsets):
      guard trimsOffsets else { return encodings }
      return Self.trimmed(encodings, texts)
    case .bert(let separator, let classifier):
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        Self.wrap(
          encoding, start: index == 0 ? classifier : nil, ends: [separator],
          typeID: UInt32(index))
      }
    case .roberta(let separator, let classifier, let trimsOffsets):
      var encodings = encodings
      if trimsOffsets { encodings = Self.trimmed(encodings, texts) }
      for index in encodings.indices { encodings[index].setTypeID(0) }
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        Self.wrap(
          encoding, start: index == 0 ? classifier : separator, ends: [separator], typeID: 0)
      }
    case .sequence(let steps):
      return steps.reduce(encodings) {
        $1.apply($0, texts, addsSpecialTokens: addsSpecialTokens)
      }
    }
  }

  private static func wrap(_ encoding: Encoding, start: Token?, ends: [Token], typeID: UInt32)
    -> Encoding
  {
    func special(_ tokens: [Token]) -> Encoding {
      Encoding(
        ids: tokens.map(\.id), offsets: tokens.map { _ in 0..<0 }, typeID: typeID,
        sequenceIndex: nil, isSpecial: true)
    }
    func wrapped(_ encoding: Encoding) -> Encoding {
      var result = special(start.map { [$0] } ?? [])
      result.append(encoding.part(0..<encoding.count))
      result.append(special(ends))
      return result
    }
    var result = wrapped(encoding)
    result.overflowing = encoding.overflowing.map(wrapped)
    return result
  }

  /// Takes white space at the ends of tokens out of their offsets.
  private static func trimmed(_ encodings: [Encoding], _ texts: [[UInt8]]) -> [Encoding] {
    zip(encodings, texts).map { encoding, text in
      var result = encoding
      result.trimOffsets(in: text)
      return result
    }
  }
}

extension Encoding {
  mutating func setTypeID(_ id: UInt32) {
    typeIDs = Array(repeating: id, count: count)
    for index in overflowing.indices { overflowing[index].setTypeID(id) }
  }

  /// Takes white space at the ends of tokens out of their offsets.
  mutating func trimOffsets(in text: [UInt8]) {
    for index in overflowing.indices { overflowing[index].trimOffsets(in: text) }
    for index in offsets.indices {
      let range = offsets[index]
      guard !range.isEmpty, range.upperBound <= text.count else { continue }
      let start = min(
        WordBoundary.whitespaceEnd(after: range.lowerBound, in: text.span), range.upperBound)
      let end = max(WordBoundary.whitespaceStart(before: range.upperBound, in: text.span), start)
      offsets[index] = start..<end
    }
  }
}
