// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// What a template says of text that can hold the plain text which ends it.
///
/// A control token in a caller's text never becomes one. A mark that is plain text, such as
/// `[/INST]` or `### Response:`, cannot be told apart from the template's own.
enum TextMarks: String, Sendable, CaseIterable {
  /// It is written as it is, as the reference does.
  case keep
  /// The conversation is refused.
  case refuse
}

extension TemplateDefinition {
  /// Tells every slot which plain texts of the template can end it.
  mutating func findEnds() {
    let last = opening.findEnds(before: [])
    // A turn ends where another begins, or the ending or the opening does.
    var next = ending.findEnds(before: last)
    for index in turns.indices { next.formUnion(turns[index].body.findEnds(before: [])) }
    prologue.findEnds(before: next)
    for index in turns.indices { turns[index].body.findEnds(before: next) }
  }

  /// Whether a conversation is refused whose text, at a slot, holds what ends it.
  func refusesMarks(at operand: Operand) -> Bool {
    !operand.ends.isEmpty && (operand.textMarks ?? textMarks) == .refuse
  }

  /// The slots whose text can hold what ends it.
  var openSlots: [Operand] {
    var found: [Operand] = []
    for (_, segments) in sections {
      segments.forEachOperand { operand in if !operand.ends.isEmpty { found.append(operand) } }
    }
    return found
  }
}

extension ChatTemplate {
  /// The places of a declarative template where text is written as it is although it can hold the
  /// plain text that ends it (`text_marks: keep`), with what that is.
  ///
  /// Whoever writes such a text can end it there and speak for another. Control tokens are no such
  /// text: in a caller's text they stay text.
  public var openTexts: [(place: TemplatePlace, explanation: String)] {
    guard let definition else { return [] }
    return definition.openSlots.filter { !definition.refusesMarks(at: $0) }
      .map { ($0.place, $0.endsExplanation) }
  }

  /// The control tokens that a declarative template can write.
  ///
  /// Each must be one token of the vocabulary. None of a Jinja template, which does not tell.
  public var controlTokens: [ExactString] {
    guard let definition else { return [] }
    var tokens = definition.controlTokens
    for (_, segments) in definition.sections {
      segments.forEachToken { token in
        let text = token == .bos ? definition.bos : definition.eos
        if let text, !tokens.contains(text) { tokens.append(text) }
      }
    }
    return tokens
  }

  /// Where a declarative template first writes a control token; nil for one that its `tokens` name.
  public func place(ofControlToken token: ExactString) -> TemplatePlace? {
    definition?.sections.lazy.compactMap { $0.segments.place(ofControlToken: token) }.first
  }
}

extension [Segment] {
  fileprivate func place(ofControlToken token: ExactString) -> TemplatePlace? {
    for segment in self {
      if case .literal(let literal) = segment, literal.isControl,
        literal.text.elementsEqual(token.utf8)
      {
        return literal.place
      }
      for part in segment.parts {
        if let place = part.place(ofControlToken: token) { return place }
      }
    }
    return nil
  }

  fileprivate func forEachToken(_ body: (SpecialToken) -> Void) {
    for segment in self {
      if case .token(let token, _) = segment { body(token) }
      for part in segment.parts { part.forEachToken(body) }
    }
  }

  /// Tells the slots which plain texts can end them, given those that can follow the whole list.
  ///
  /// - Returns: The plain texts that can follow whatever stands before the list. White space ends
  ///   nothing by itself; what follows it does.
  @discardableResult
  fileprivate mutating func findEnds(before follow: PlainEnds) -> PlainEnds {
    var follow = follow
    for index in indices.reversed() { follow = self[index].findEnds(before: follow) }
    return follow
  }
}

extension Segment {
  fileprivate mutating func findEnds(before follow: PlainEnds) -> PlainEnds {
    switch self {
    case .literal(let literal): return follow.preceded(by: literal)
    case .slot(var operand):
      operand.ends = operand.isFreeText ? follow.texts : []
      self = .slot(operand)
      // Its text may be empty.
      return follow
    case .choice(let condition, var then, var otherwise):
      var heads = then.findEnds(before: follow)
      heads.formUnion(otherwise.findEnds(before: follow))
      self = .choice(condition, then: then, otherwise: otherwise)
      return heads
    case .each(var each):
      // Behind an element comes the next one, or what follows the last.
      var next = each.body.findEnds(before: follow)
      if let separator = each.separator { next = next.preceded(by: separator) }
      next.formUnion(follow)
      let heads = each.body.findEnds(before: next)
      self = .each(each)
      return heads.union(follow)
    case .trimmed(var parts):
      let heads = parts.findEnds(before: follow)
      self = .trimmed(parts)
      return heads
    case .generated(var parts):
      let heads = parts.findEnds(before: follow)
      self = .generated(parts)
      return heads
    case .block(let role, var parts):
      let heads = parts.findEnds(before: follow)
      self = .block(role: role, parts)
      return heads
    case .following(let condition, var parts):
      let next = parts.findEnds(before: follow).union(follow)
      let heads = parts.findEnds(before: next)
      self = .following(condition, parts)
      return heads.union(follow)
    case .split: return follow
    case .token, .date, .number, .refusal: return PlainEnds()
    }
  }
}

/// Plain texts of a template that can follow a place, each with a mark in it.
private struct PlainEnds: ExpressibleByArrayLiteral {
  private(set) var texts: [ExactString] = []

  init(arrayLiteral texts: ExactString...) { self.texts = texts }

  mutating func formUnion(_ other: PlainEnds) {
    for text in other.texts where !texts.contains(text) { texts.append(text) }
  }

  func union(_ other: PlainEnds) -> PlainEnds {
    var result = self
    result.formUnion(other)
    return result
  }

  /// What can follow a place where a literal stands.
  func preceded(by literal: Segment.Literal) -> PlainEnds {
    var result = PlainEnds()
    guard !literal.isControl else { return result }
    let text = String(decoding: literal.text, as: UTF8.self)
    let holdsMark = literal.text.contains { $0 > 0x20 }
    result.texts = holdsMark ? [ExactString(text)] : texts.map { ExactString(text + $0.string) }
    return result
  }
}

extension Operand {
  /// Why a text is refused that holds what ends it.
  static func refusal(of path: ExactString, holding end: ExactString) -> String {
    "the text of '\(path)' holds what ends it, \(end.string.debugDescription)"
  }

  /// What can end the text although it can hold it, for messages.
  var endsExplanation: String {
    let shown = ends.prefix(3).map { end in
      let text = end.string.unicodeScalars
      let start = String(text.prefix(32)).debugDescription
      return text.count > 32 ? start + "…" : start
    }.joined(separator: " or ")
    return "the text of '\(path.text)' can hold what ends it, \(shown)"
  }

  /// Whether it writes what someone else wrote, without quotes around it.
  fileprivate var isFreeText: Bool {
    switch path.root {
    case .index, .number, .calledIndex, .parameter, .tools: return false
    default: break
    }
    return switch conversion {
    case .json, .openJSON, .parsedJSON, .exactNumber, .braces, .schema: false
    default: true
    }
  }
}
