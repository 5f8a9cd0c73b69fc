// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

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

      With --ids, the answer is token ids: a control token is one by its id, and text that spells \
      one is text.

        dialect parse --family qwen3 --tokenizer tokenizer.json --ids --response ids.txt

      With --jsonl, a line {"response": "…"} or {"ids": […]}, with "messages" and "tools" if \
      wanted, gives a line with the message.
      """)

  @OptionGroup(title: "Template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions
  @OptionGroup(title: "Tokenizer") var source: TokenizerOptions

  @Option(help: ArgumentHelp("What the model wrote; standard input by default.", valueName: "file"))
  var response: String?

  @Flag(help: "Read token ids of --tokenizer, separated by spaces or commas.")
  var ids = false

  @Flag(help: "Read and write JSON, a line per answer.")
  var jsonl = false

  /// What a model wrote.
  private enum Answer {
    case text(String)
    case ids([TokenID])
  }

  func run() throws {
    let template = try template.load()
    let tokenizer = try source.named()
    if ids, tokenizer == nil {
      throw ToolError(.usage, "--ids needs the --tokenizer that the ids are of")
    }
    if jsonl {
      let completed = try conversation.completing()
      BatchStream.run { line in
        var request: (Conversation, RenderOptions)?
        if Conversation.isHeld(by: line) { request = try ChatRequest.read(completed(line)) }
        return try parse(try read(line), request, template, tokenizer)
      }
      return
    }
    let text = String(decoding: try TextInput.bytes(response ?? "-"), as: UTF8.self)
    let request = conversation.input == nil ? nil : try conversation.read()
    let answer = ids ? Answer.ids(try TokenIDs.read([text])) : .text(text)
    let report = try parse(answer, request, template, tokenizer)
    Console.write(JSONValue.object(report).serialized(JSONSerializer(indent: "  ")) + "\n")
  }

  private func read(_ line: JSONObject) throws -> Answer {
    if let response = line["response"]?.string { return .text(response.string) }
    guard line["ids"] != nil else {
      throw ToolError(.input, "expected {\"response\": …} or {\"ids\": […]}")
    }
    return .ids(try TokenIDs.read(line["ids"]))
  }

  private func parse(
    _ answer: Answer, _ request: (Conversation, RenderOptions)?, _ template: ChatTemplate,
    _ tokenizer: Tokenizer?
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
    switch answer {
    case .text(let text):
      return report(template.parse(response: text, prompt: prompt, tools: tools))
    case .ids(let ids):
      guard let tokenizer else {
        throw ToolError(.usage, "ids need the --tokenizer that they are of")
      }
      let chat = ChatTokenizer(tokenizer: tokenizer, template: template)
      do {
        return report(try chat.parse(ids: ids, prompt: prompt, tools: tools))
      } catch {
        throw ToolError(.input, "\(error)")
      }
    }
  }

  private func report(_ parsed: ParsedResponse) -> JSONObject {
    var report: JSONObject = ["message": .object(parsed.message.fields)]
    if let stop = parsed.stop { report["stop"] = .string(stop) }
    if parsed.isTruncated { report["truncated"] = true }
    if let unparsed = parsed.unparsed { report["unparsed"] = .string(unparsed) }
    return report
  }
}
