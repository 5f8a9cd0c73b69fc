// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Turns a conversation in openai-harmony's own JSON into a request.
///
/// There the system message's settings, the instructions and the tools are contents of messages;
/// here they are parameters, messages and tools.
enum HarmonyRequest {
  static func read(_ line: JSONValue) -> JSONObject {
    var messages: [JSONValue] = []
    var request: JSONObject = [:]
    var arguments: JSONObject = ["system_message": false]
    for message in line["messages"]?.array ?? [] {
      let content = message["content"]?.array?.first
      switch message["role"]?.string {
      case "system": read(system: content ?? .null, into: &arguments)
      case "developer":
        if let instructions = content?["instructions"], !instructions.isNull {
          messages.append(["role": "developer", "content": instructions])
        }
        if let tools = content?["tools"]?["functions"]?["tools"]?.array {
          request["tools"] = .array(tools.map { ["type": "function", "function": $0] })
        }
      default: messages.append(message)
      }
    }
    let options = line["options"]
    arguments["next_turn_role"] = options?["next_turn_role"]
    arguments["auto_drop_analysis"] = options?["auto_drop_analysis"]
    request["messages"] = .array(messages)
    request["kwargs"] = .object(arguments)
    let completes = options?["api"]?.string == "render_conversation_for_completion"
    request["add_generation_prompt"] = .bool(completes)
    return request
  }

  private static func read(system content: JSONValue, into arguments: inout JSONObject) {
    arguments["system_message"] = true
    for name in ["model_identity", "conversation_start_date", "knowledge_cutoff"] as [ExactString] {
      arguments[name] = content[name] ?? .null
    }
    let effort = content["reasoning_effort"]?.string?.string.lowercased() ?? "medium"
    arguments["reasoning_effort"] = .string(ExactString(effort))
    arguments["valid_channels"] = content["channel_config"]?["valid_channels"]
    if let tools = content["tools"]?.object {
      arguments["builtin_tools"] = .array(tools.keys.map { .string($0) })
    }
  }
}
