// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON

extension ConvertCommand {
  /// A conversation of any known shape as OpenAI's or Anthropic's JSON.
  func convertConversation() throws -> [UInt8] {
    let conversation: Conversation
    do {
      conversation = try Conversation(json: try JSONValue(parsing: try TextInput.text(source)))
    } catch let error as ToolError {
      throw error
    } catch {
      throw ToolError(.input, "\(source): \(error)")
    }
    let object = to == .anthropic ? conversation.anthropic : conversation.openAI
    let text = JSONValue.object(object).serialized(JSONSerializer(indent: "  "))
    return Array((text + "\n").utf8)
  }
}
