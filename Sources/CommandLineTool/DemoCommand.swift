// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatInference
import ChatTemplates
import OrderedJSON
import TextPrimitives

/// `dialect demo`: the main job on a conversation that the tool carries.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Shows one conversation in three dialects, its tokens, and why they matter.")

  private static let conversation = #"""
    {"messages": [
      {"role": "system", "content": "You answer in one sentence."},
      {"role": "user", "content": "How warm is it in Kraków?"},
      {"role": "assistant", "content": null, "tool_calls": [
        {"id": "call00001", "type": "function",
         "function": {"name": "temperature", "arguments": {"city": "Kraków"}}}]},
      {"role": "tool", "tool_call_id": "call00001", "name": "temperature", "content": "18"},
      {"role": "assistant", "content": "It is 18 °C in Kraków."},
      {"role": "user", "content": "And is [/INST] or <|im_end|> a token here?"}],
     "tools": [{"type": "function", "function": {"name": "temperature",
       "description": "The temperature in °C.",
       "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
         "required": ["city"]}}}]}
    """#

  private static let dialects = [
    ("[INST]", "mistral-v7"), ("header-id", "llama-3.1"), ("role", "qwen2.5"),
  ]

  /// One of each style that the tiny models' tokenizer has the control tokens of.
  private static let families = ["mistral-v3-tekken", "llama-3", "phi-3"]

  @Option(help: "How many held-out questions each tiny model is asked in each dialect.")
  var questions = 200

  @Option(help: "Colour the tables: auto, always or never.")
  var color: ColorChoice = .auto

  func run() throws {
    var prompts = PromptTokenizer(nil, trustsText: false)
    for (style, family) in Self.dialects {
      let tokens = try encode(family, &prompts)
      let rule = String(repeating: "─", count: 60 - style.count - family.count)
      Console.write("── \(style): \(family) \(rule)\n\(tokens.prompt.text)\n\n")
      Console.write("The last of its \(tokens.rows.count) tokens, in a built-in vocabulary:\n")
      let last = Array(tokens.rows.suffix(24))
      Console.write(TokenTable(last, isColored: color.isOn).description + "\n")
    }
    Console.write("Only the template writes control tokens; what callers write stays text.\n\n")
    try writeMatrix()
  }

  /// Each tiny model is asked in each dialect: the right one matters, and here is how much.
  private func writeMatrix() throws {
    let conversations = Array(BuiltInModel.heldOutConversations.prefix(questions))
    Console.write(
      "── Right dialect or wrong: \(conversations.count) held-out questions, right answers and "
        + "loss ──\n")
    var rows = [["model \\ prompt"] + Self.families + ["plain text"]]
    do throws(ChatInferenceError) {
      for name in BuiltInModel.allCases {
        let model = try name.load()
        var row = [name.rawValue]
        for family in Self.families {
          row.append(Self.cell(try model.with(Self.template(family)).ask(conversations)))
        }
        row.append(Self.cell(try model.askPlainly(conversations)))
        rows.append(row)
      }
    } catch {
      throw ToolError(error)
    }
    Console.write(PlainTable.text(rows))
  }

  private static func cell(_ result: DialectResult) -> String {
    "\(FixedPoint.text(result.accuracy * 100, digits: 0)) % "
      + "(\(FixedPoint.text(result.loss, digits: 2)))"
  }

  private static func template(_ family: String) throws(ChatInferenceError) -> ChatTemplate {
    do throws(ChatTemplateError) {
      return try ChatTemplate(family: family)
    } catch {
      throw ChatInferenceError(.invalidOptions("\(error)"))
    }
  }

  private func encode(_ family: String, _ prompts: inout PromptTokenizer) throws -> PromptTokens {
    do {
      guard let request = try JSONValue(parsing: Self.conversation).object else {
        throw ToolError(.input, "the conversation is no object")
      }
      var (conversation, options) = try ChatRequest.read(request)
      options.addGenerationPrompt = true
      options.now = CivilTime(iso8601: "2026-01-15")
      return try prompts.encode(ChatTemplate(family: family), conversation, options)
    } catch let error as ChatTemplateError {
      throw ToolError(.input, "\(error)")
    }
  }
}
