// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import OrderedJSON
import TextPrimitives

/// `dialect parse`: what a model wrote, as a message.
struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Takes a model's answer apart: reasoning, content, tool calls.",
    discussion: """
      The answer is taken apart by the same description that renders it. White space around marks \
      may differ, and the answer may end early, which "truncated" tells. Nothing is dropped: \
      "unparsed" holds what does not follow the form. With --input, the \
      conversation tells what the generation prompt already held, such as an open <think>.

        dialect parse --family qwen3 --response answer.txt --input conversation.json

      With --jsonl, a line {"response": "…"}, with "messages" and "tools" if wanted, gives a line \
      with the message.
      """)

  @OptionGroup(title: "Template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions

  @Option(help: ArgumentHelp("What the model wrote; standard input by default.", valueName: "file"))
  var response: String?

  @Flag(help: "Read and write JSON, a line per answer.")
  var jsonl = false

  func run() throws {
    let template = try template.load()
    if jsonl {
      BatchStream.run { line in
        guard let response = line["response"]?.string else {
          throw ToolError(.input, "expected {\"response\": …}")
        }
        var request: (Conversation, RenderOptions)?
        if line["messages"] != nil { request = try ChatRequest.read(line) }
        return try parse(response.string, request, template)
      }
      return
    }
    let bytes = try TextInput.bytes(response ?? "-")
    let request = conversation.input == nil ? nil : try conversation.read()
    let report = try parse(String(decoding: bytes, as: UTF8.self), request, template)
    Console.write(JSONValue.object(report).serialized(JSONSerializer(indent: "  ")) + "\n")
  }

  private func parse(
    _ response: String, _ request: (Conversation, RenderOptions)?, _ template: ChatTemplate
  ) throws -> JSONObject {
    var prompt: Prompt?
    var tools: [Tool] = []
    if let (conversation, options) = request {
      var options = options
      options.addGenerationPrompt = options.continueFinalMessage.field == nil
      tools = options.tools ?? conversation.tools ?? []
      do {
        prompt = try template.render(conversation, options: options)
      } catch {
        throw ToolError(.input, "\(error)")
      }
    }
    let parsed = template.parse(response: response, prompt: prompt, tools: tools)
    var report: JSONObject = ["message": .object(parsed.message.fields)]
    if let stop = parsed.stop { report["stop"] = .string(stop) }
    if parsed.isTruncated { report["truncated"] = true }
    if let unparsed = parsed.unparsed { report["unparsed"] = .string(unparsed) }
    return report
  }
}
