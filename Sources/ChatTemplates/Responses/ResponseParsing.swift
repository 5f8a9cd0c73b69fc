// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
public import TextPrimitives

/// What a model answered, taken apart.
public struct ParsedResponse: Sendable, Equatable {
  /// The assistant's message: `content`, and `reasoning_content` and `tool_calls` where there are.
  public var message: Message
  /// The text that does not follow the template's form; nothing is ever dropped.
  public var unparsed: ExactString?

  /// The text of the answer.
  public var content: String { message.text }
}

extension ChatTemplate {
  /// Takes a model's answer apart, by the same description that renders it.
  ///
  /// The answer may end early and need not hold the terminator. Where it does not follow the
  /// template's form it is all content, and `unparsed` holds it too.
  ///
  /// - Parameters:
  ///   - response: What the model wrote.
  ///   - prompt: The prompt it was given: its opening may hold the start of the turn.
  ///   - tools: The tools, whose schemas tell numbers from text where the format does not.
  /// - Returns: The message. Nothing is thrown, whatever the model wrote.
  public func parse(response: String, prompt: Prompt? = nil, tools: [Tool] = [])
    -> ParsedResponse
  {
    guard let definition else { return Self.plain(response, stops: prompt?.stopTokens ?? []) }
    let opening = prompt?.openTurn ?? definition.plainOpening
    let input = Array((opening + response).utf8)
    if let capture = ResponseGrammar(definition).match(input) {
      return ParsedResponse(message: capture.message(tools), unparsed: nil)
    }
    var result = Self.plain(response, stops: definition.stop)
    result.unparsed = ExactString(response)
    return result
  }

  /// All of an answer as content, without the token that ended it.
  private static func plain(_ response: String, stops: [ExactString]) -> ParsedResponse {
    var text = Substring(response)
    for stop in stops where text.utf8.reversed().starts(with: stop.utf8.reversed()) {
      text = text[..<text.utf8.index(text.endIndex, offsetBy: -stop.utf8.count)]
    }
    return ParsedResponse(message: Message(.assistant, String(text)), unparsed: nil)
  }
}

extension ResponseGrammar {
  /// What a turn holds: first as a whole turn, then as one without its terminator, then as one
  /// that was cut short, at last as one whose text holds the format's own marks.
  func match(_ input: [UInt8]) -> ResponseMatcher.Capture? {
    for ending in [[]] + stops {
      for turn in turns {
        var matcher = ResponseMatcher(
          input + ending, markers: markers, allowsTruncation: false)
        if let capture = matcher.match(turn) { return capture }
      }
    }
    for markers in [markers, []] {
      for turn in turns {
        var matcher = ResponseMatcher(input, markers: markers, allowsTruncation: true)
        if let capture = matcher.match(turn) { return capture }
      }
    }
    return nil
  }
}

extension ResponseGrammar {
  /// What of a turn that is still being written is certain to be so.
  func matchStart(_ input: [UInt8]) -> ResponseMatcher.Capture? {
    for turn in turns {
      var matcher = ResponseMatcher(
        input, markers: markers, allowsTruncation: true, isPartial: true)
      if let capture = matcher.match(turn) { return capture }
    }
    return nil
  }
}

extension Prompt {
  /// The text of the assistant's turn that the prompt leaves open, its header included.
  var openTurn: String {
    guard let last = segments.last, last.role == Role.assistant.rawValue else { return "" }
    var start = segments.count - 1
    while start > 0, segments[start - 1].role == last.role,
      segments[start - 1].message == last.message
    {
      start -= 1
    }
    return segments[start...].map { text(of: $0) }.joined()
  }
}

extension TemplateDefinition {
  /// The opening as far as it does not depend on the conversation.
  var plainOpening: String {
    var text: [UInt8] = []
    for segment in opening {
      switch segment {
      case .literal(let literal): text += literal.text
      default: return String(decoding: text, as: UTF8.self)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension ResponseMatcher.Capture {
  /// The message in OpenAI's form.
  fileprivate func message(_ tools: [Tool]) -> Message {
    var fields: JSONObject = ["role": .string(Role.assistant.rawValue)]
    if !reasoning.isEmpty {
      fields["reasoning_content"] = .string(Self.trimmedText(reasoning))
    }
    fields["content"] = .string(ExactString(String(decoding: content, as: UTF8.self)))
    if !calls.isEmpty {
      fields["tool_calls"] = .array(calls.map { $0.call(tools).openAI })
    }
    return Message(fields: fields)
  }

  private static func trimmedText(_ bytes: [UInt8]) -> ExactString {
    let range = TextScanning.withoutNewlines(bytes.span, 0..<bytes.count)
    return ExactString(String(decoding: bytes[range], as: UTF8.self))
  }
}

extension ResponseMatcher.Capture.Call {
  /// The call, with arguments typed by the tool's schema.
  fileprivate func call(_ tools: [Tool]) -> ToolCall {
    var arguments = arguments ?? .object([:])
    let schema = tools.first { $0.name == name }?.parameters?["properties"]
    if case .object(var object) = arguments, let schema {
      for (key, value) in object {
        guard let text = value.string, let kind = schema[key]?["type"]?.string,
          kind != "string", let typed = try? JSONValue(parsing: text.string)
        else { continue }
        object[key] = typed
      }
      arguments = .object(object)
    }
    return ToolCall(id: id, name: name, arguments: arguments)
  }
}
