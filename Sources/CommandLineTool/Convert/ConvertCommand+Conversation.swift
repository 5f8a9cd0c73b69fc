// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON

extension ConvertCommand {
  /// A conversation of any known shape as OpenAI's or Anthropic's JSON.
  func convertConversation() throws -> [UInt8] {
    var conversation: Conversation
    do {
      let value = try JSONValue(parsing: try TextInput.text(source))
      let isBareList = value.array != nil
      conversation = try Conversation(
        json: isBareList ? [format.listName: value] : value, format: format.format)
    } catch let error as ToolError {
      throw error
    } catch {
      throw ToolError(.input, "\(source): \(error)")
    }
    if let toolArguments { toolArguments.form.apply(to: &conversation.messages) }
    let object = to == .anthropic ? conversation.anthropic : conversation.openAI
    let text = JSONValue.object(object).serialized(JSONSerializer(indent: "  "))
    return Array((text + "\n").utf8)
  }
}
