// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// In which form a template gets the arguments of tool calls.
///
/// OpenAI's API sends them as a string that holds JSON; most templates write an object, and print a
/// string as JSON once more or refuse it; some can write a string alone.
///
/// ```swift
/// let template = try ChatTemplate(family: "llama-3.1")
/// var options = RenderOptions()
/// options.toolArguments = .fitting  // {"name": "f", "parameters": {"x": 1}}, however they were sent
/// ```
public enum ToolArguments: String, Sendable, CaseIterable {
  /// As they were sent, as transformers does.
  case asSent = "as_sent"
  /// As objects; a string that holds no JSON object stays a string.
  case object
  /// As strings that hold JSON.
  case string
  /// As objects where the template can write them, else as strings.
  case fitting
}

extension ToolArguments {
  /// Gives the arguments of all calls this form; ``fitting`` is for a template to find out.
  package func apply(to messages: inout [Message]) {
    guard self != .asSent else { return }
    for index in messages.indices {
      guard case .array(var calls)? = messages[index].fields["tool_calls"] else { continue }
      for place in calls.indices { calls[place] = converted(calls[place]) }
      messages[index].fields["tool_calls"] = .array(calls)
    }
  }

  /// A call, as OpenAI writes it or with name and arguments alone, in this form.
  private func converted(_ call: JSONValue) -> JSONValue {
    guard case .object(var object) = call else { return call }
    if let function = object["function"] {
      object["function"] = converted(function)
    } else if let arguments = object["arguments"] {
      object["arguments"] = converted(arguments: arguments)
    }
    return .object(object)
  }

  private func converted(arguments: JSONValue) -> JSONValue {
    guard self == .string else { return ToolCall.decoded(arguments) }
    if case .object = arguments { return .string(ExactString(arguments.serialized())) }
    return arguments
  }

  /// The form that a template can write, found by small renders: an object, unless only a string
  /// can be rendered.
  static func fitting(_ render: ([JSONValue]) -> Prompt?) -> ToolArguments {
    for (form, arguments) in [
      (object, ["needle": 1] as JSONValue), (string, "{\"needle\": 1}"),
    ] {
      for conversation in probes(arguments) {
        if let text = render(conversation)?.text, TextScanning.contains(text, "needle") {
          return form
        }
      }
    }
    return .object
  }

  /// Conversations with one call: templates differ in what they ask of the content beside it, and of
  /// what follows.
  private static func probes(_ arguments: JSONValue) -> [[JSONValue]] {
    let identifier: JSONValue = "call00001"
    let call: JSONValue = [
      "id": identifier, "type": "function", "function": ["name": "probe", "arguments": arguments],
    ]
    let question: JSONValue = ["role": "user", "content": "question"]
    let results: [JSONValue] = [
      ["role": "tool", "tool_call_id": identifier, "name": "probe", "content": "result"],
      ["role": "assistant", "content": "answer"],
    ]
    let contents: [JSONValue] = ["", .null]
    return contents.flatMap { content -> [[JSONValue]] in
      let asked: JSONValue = [
        "role": "assistant", "content": content, "tool_calls": .array([call]),
      ]
      return [[question, asked] + results, [question, asked]]
    }
  }
}
