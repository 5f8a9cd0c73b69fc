// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives

/// `dialect render`: a conversation to a prompt.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Renders a conversation as a model's prompt.",
    discussion: """
      The conversation is JSON: an array of messages, or an object with "messages" and, if wanted, \
      "tools" and "documents"; Anthropic's, ShareGPT's and Alpaca's shapes are known by their \
      members, or by --input-format. The prompt is written byte for byte.

        dialect render --family llama-3 --input conversation.json --add-generation-prompt
        dialect render --template my-family.yaml --input conversation.json --segments

      With --jsonl, every line of standard input is such an object, with options as its members \
      (add_generation_prompt, continue_final_message, bos_token, eos_token, now, kwargs, \
      input_format), and gives a line {"rendered": …} or {"error": …}.
      """)

  @OptionGroup(title: "Template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions

  @Flag(help: "Print who wrote what as JSON instead of the text.")
  var segments = false

  @Flag(help: "Refuse arguments that the template never reads.")
  var strict = false

  @Flag(help: "Read and write JSON, a line per conversation.")
  var jsonl = false

  @Flag(help: "Print text, segments and stop tokens as JSON.")
  var json = false

  @Flag(
    help: """
      With --jinja and --jsonl: a line holds the template's bare variables; without --jinja, its \
      'template' and their 'context'.
      """)
  var context = false

  func validate() throws {
    guard !context || (jsonl && (template.jinja != nil || !template.isGiven)) else {
      throw ValidationError("--context needs --jsonl, and takes no other template than --jinja's")
    }
  }

  func run() throws {
    if context {
      let batch = ContextBatch(isStrict: strict, now: conversation.now)
      return try template.jinja.map { try batch.run(template: $0) } ?? batch.run()
    }
    let chat = try template.chatTokenizer()
    let loaded = try chat?.template ?? template.load()
    if jsonl {
      let completed = try conversation.completing()
      BatchStream.run { line in
        let (conversation, options) = try ChatRequest.read(completed(line))
        let prompt = try render(loaded, conversation, template.completed(options, by: chat))
        if segments { return PromptReport.object(prompt) }
        return ["rendered": .string(ExactString(prompt.text))]
      }
      return
    }
    let (messages, options) = try conversation.read()
    var completed = template.completed(options, by: chat)
    completed.reportsUnknown = true
    let prompt = try render(loaded, messages, completed)
    for warning in prompt.warnings { Console.complain("warning: \(warning)") }
    if segments || json {
      Console.write(
        JSONValue.object(PromptReport.object(prompt)).serialized(JSONSerializer(indent: "  "))
          + "\n")
    } else {
      Console.writeResult(prompt.text)
    }
  }

  private func render(
    _ template: ChatTemplate, _ conversation: Conversation, _ options: RenderOptions
  ) throws -> Prompt {
    var options = options
    options.isStrict = strict
    do {
      return try template.render(conversation, options: options)
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }
}

/// A prompt with its provenance as JSON.
enum PromptReport {
  static func object(_ prompt: Prompt) -> JSONObject {
    [
      "rendered": .string(ExactString(prompt.text)),
      "segments": .array(prompt.segments.map { .object(segment($0, of: prompt)) }),
      "stop_tokens": .array(prompt.stopTokens.map { .string($0) }),
      "stop_strings": .array(prompt.stopStrings.map { .string($0) }),
    ]
  }

  private static func segment(_ segment: PromptSegment, of prompt: Prompt) -> JSONObject {
    var object: JSONObject = [
      "text": .string(ExactString(prompt.text(of: segment))),
      "start": .integer(segment.byteRange.lowerBound),
      "end": .integer(segment.byteRange.upperBound),
      "author": .string(ExactString(segment.author.rawValue)),
      "role": segment.role.map { .string($0) } ?? .null,
      "message": segment.message.map { .integer($0) } ?? .null,
    ]
    switch segment.content {
    case .control: object["content"] = "control"
    case .literal: object["content"] = "literal"
    case .field(let name): object["field"] = .string(name)
    }
    if let part = segment.part { object["part"] = .integer(part) }
    if let place = segment.source {
      object["source"] = .string(ExactString("\(place.name):\(place.line):\(place.column)"))
    }
    return object
  }
}
