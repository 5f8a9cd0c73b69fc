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
  /// Tells every slot which plain text of the template ends it.
  mutating func findEnds() {
    // A turn ends where another begins, or the opening does.
    let heads = ([opening] + turns.map(\.body)).map(\.leadingText.text)
    let next = heads.first(where: \.holdsMark)
    prologue = prologue.withEnds(next)
    for index in turns.indices { turns[index].body = turns[index].body.withEnds(next) }
    ending = ending.withEnds(nil)
    opening = opening.withEnds(nil)
  }

  /// What should be known of the file although it can be used.
  var warnings: [String] {
    guard textMarks == nil else { return [] }
    var found: [String] = []
    for (_, segments) in sections {
      segments.forEachOperand { operand in
        guard let end = operand.end else { return }
        let place = operand.place
        found.append(
          "\(place.name):\(place.line):\(place.column): the text of '\(operand.path.text)' can hold "
            + "what ends it, \(end.string.debugDescription); say what then: text_marks: keep, or refuse"
        )
      }
    }
    return found
  }
}

extension ChatTemplate {
  /// What should be known of a declarative template although it can be used, with place and hint.
  ///
  /// Such as: a text that is ended by plain text, which it can hold itself, where the file does not
  /// say what happens then.
  public var warnings: [String] { definition?.warnings ?? [] }

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

  /// The same segments, in which every slot knows the plain text that follows it.
  fileprivate func withEnds(_ follow: String?) -> [Segment] {
    var result: [Segment] = []
    for (index, segment) in enumerated() {
      let (rest, isWhole) = Array(self[(index + 1)...]).leadingText
      // White space ends nothing by itself: what follows it does.
      let end = isWhole && !rest.holdsMark ? rest + (follow ?? "") : rest
      result.append(segment.withEnd(end))
    }
    return result
  }

  /// The plain text at the front, and whether there is nothing else.
  fileprivate var leadingText: (text: String, isWhole: Bool) {
    var text = ""
    for segment in self {
      switch segment {
      case .literal(let literal) where !literal.isControl:
        text += String(decoding: literal.text, as: UTF8.self)
      case .split: continue
      case .generated(let parts), .trimmed(let parts), .block(_, let parts):
        let (inner, isWhole) = parts.leadingText
        text += inner
        if !isWhole { return (text, false) }
      case .choice(_, let then, let otherwise):
        let branches = [then.leadingText, otherwise.leadingText]
        if let inner = branches.first(where: { !$0.text.isEmpty }) {
          return (text + inner.text, false)
        }
        if !branches.allSatisfy(\.isWhole) { return (text, false) }
      default: return (text, false)
      }
    }
    return (text, true)
  }

  fileprivate func forEachToken(_ body: (SpecialToken) -> Void) {
    for segment in self {
      if case .token(let token, _) = segment { body(token) }
      for part in segment.parts { part.forEachToken(body) }
    }
  }
}

extension Segment {
  fileprivate func withEnd(_ end: String) -> Segment {
    switch self {
    case .slot(var operand):
      operand.end = operand.isFreeText && end.holdsMark ? ExactString(end) : nil
      return .slot(operand)
    case .choice(let condition, let then, let otherwise):
      return .choice(condition, then: then.withEnds(end), otherwise: otherwise.withEnds(end))
    case .each(var each):
      let separator = each.separator.map { String(decoding: $0.text, as: UTF8.self) }
      each.body = each.body.withEnds(separator ?? end)
      return .each(each)
    case .trimmed(let parts): return .trimmed(parts.withEnds(end))
    case .generated(let parts): return .generated(parts.withEnds(end))
    case .block(let role, let parts): return .block(role: role, parts.withEnds(end))
    case .following(let condition, let parts): return .following(condition, parts.withEnds(end))
    default: return self
    }
  }
}

extension Operand {
  /// Why a text is refused that holds what ends it.
  static func refusal(of path: ExactString, holding end: ExactString) -> String {
    "the text of '\(path)' holds what ends it, \(end.string.debugDescription)"
  }

  /// Whether it writes what someone else wrote, without quotes around it.
  fileprivate var isFreeText: Bool {
    switch path.root {
    case .key, .index, .number, .parameter, .tools: return false
    default: break
    }
    return switch conversion {
    case .json, .openJSON, .parsedJSON, .exactNumber, .braces, .schema: false
    default: true
    }
  }
}

extension String {
  /// Whether it could end a text: every text holds white space.
  fileprivate var holdsMark: Bool { utf8.contains { $0 > 0x20 } }
}
