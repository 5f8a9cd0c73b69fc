// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// Reads what a case expects.
struct ExpectationForm {
  let form: Form

  func read(_ node: FixtureNode?) throws(FixtureError) -> RecordedPrompt {
    var result = RecordedPrompt()
    guard let node else { return result }
    if case .scalar(.null) = node.value { return result }
    try form.check(node, keys: FixtureKeys.expectation, "'expect'")
    if let text = node["text"] { result.text = try self.text(text) }
    if let ids = node["ids"] { result.ids = try self.ids(ids) }
    if let layout = node["layout"] {
      result.layout = []
      for element in try form.list(layout, "'layout'") {
        result.layout?.append(try turn(element))
      }
    }
    if let mask = node["mask"] {
      result.mask = []
      for element in try form.list(mask, "'mask'") { result.mask?.append(try range(element)) }
    }
    if let stop = node["stop"] {
      result.stop = []
      for element in try form.list(stop, "'stop'") {
        result.stop?.append(try form.text(element, "a stop token"))
      }
    }
    if let message = node["message"] {
      guard case .map = message.value else {
        throw form.source.error(
          "'message' must be a map, but is \(message.kindName)", at: message.mark)
      }
      result.message = message.json.object
    }
    if let error = node["error"] { result.error = try self.error(error) }
    return result
  }

  private func text(_ node: FixtureNode) throws(FixtureError) -> Recorded<ExactString> {
    guard case .map = node.value else { return .whole(try form.text(node, "'text'")) }
    return try .digest(digest(node, "bytes"), count: count(node, "bytes"))
  }

  private func ids(_ node: FixtureNode) throws(FixtureError) -> Recorded<[TokenID]> {
    guard case .list(let elements) = node.value else {
      return try .digest(digest(node, "count"), count: count(node, "count"))
    }
    var ids: [TokenID] = []
    ids.reserveCapacity(elements.count)
    for element in elements {
      guard let id = TokenID(exactly: try form.count(element, "an id")) else {
        throw form.source.error("an id must fit 32 bits", at: element.mark)
      }
      ids.append(id)
    }
    return .whole(ids)
  }

  private func digest(_ node: FixtureNode, _ unit: ExactString) throws(FixtureError) -> String {
    try form.check(node, keys: ["sha256", unit], "a digest")
    guard let digest = node["sha256"] else {
      throw form.source.error("a digest needs 'sha256'", at: node.mark)
    }
    return try form.text(digest, "'sha256'").string
  }

  private func count(_ node: FixtureNode, _ unit: ExactString) throws(FixtureError) -> Int {
    guard let count = node[unit] else {
      throw form.source.error("a digest needs '\(unit)'", at: node.mark)
    }
    return try form.count(count, "'\(unit)'")
  }

  private func turn(_ node: FixtureNode) throws(FixtureError) -> TurnRange {
    try form.check(node, keys: ["role", "message", "tokens"], "an entry of 'layout'")
    guard let tokens = node["tokens"] else {
      throw form.source.error("an entry of 'layout' needs 'tokens'", at: node.mark)
    }
    var turn = TurnRange(role: nil, message: nil, tokens: try range(tokens))
    if let role = node["role"], !role.json.isNull { turn.role = try form.text(role, "'role'") }
    if let message = node["message"], !message.json.isNull {
      turn.message = try form.count(message, "'message'")
    }
    return turn
  }

  private func range(_ node: FixtureNode) throws(FixtureError) -> Range<Int> {
    let ends = try form.list(node, "a range")
    guard ends.count == 2 else {
      throw form.source.error("a range has a start and an end", at: node.mark)
    }
    let (start, end) = (try form.count(ends[0], "a start"), try form.count(ends[1], "an end"))
    guard start <= end else {
      throw form.source.error("a range ends before it starts", at: node.mark)
    }
    return start..<end
  }

  private func error(_ node: FixtureNode) throws(FixtureError) -> ExpectedError {
    switch node.value {
    case .scalar(.bool(true)): return .any
    case .scalar(.string(let text)): return .saying(text)
    default:
      throw form.source.error(
        "'error' must be true or a text that stands in the message, but is \(node.kindName)",
        at: node.mark)
    }
  }
}
