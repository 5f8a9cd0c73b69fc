// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatInference
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

/// `dialect score`: how well a model expected a conversation.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Tells how well a model expects a conversation, token by token.",
    discussion: """
      Prints the natural logarithm of each token's probability, and the loss: the mean of -log p \
      over the tokens that the assistant wrote. With --dialects the same conversation is scored \
      under several templates: the lower the loss, the better the model knows the layout.

        dialect score --model Qwen3-0.6B --input conversation.json
        dialect score --model tiny-inst --input conversation.json \
      --dialects mistral-v3-tekken,llama-3,phi-3
      """)

  @OptionGroup(title: "Model and template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions

  @Option(
    help: ArgumentHelp(
      "Families to compare, separated by commas.", valueName: "names"))
  var dialects: String?

  @Option(help: "How many threads the model uses.")
  var threads = 1

  @Flag(help: "Write JSON.")
  var json = false

  func validate() throws {
    guard threads > 0 else { throw ValidationError("--threads must be 1 or more") }
  }

  func run() throws {
    ProcessMemory.keepFreed()
    let model = try template.chatModel()
    let (messages, options) = try conversation.read()
    if let dialects { return try compare(dialects, model, messages, options) }
    let score: ConversationScore
    do throws(ChatInferenceError) {
      score = try model.score(messages, options: options, threads: threads)
    } catch {
      throw ToolError(error)
    }
    if json {
      return Console.write(JSONValue.object(report(score, model)).serialized() + "\n")
    }
    var rows = [["token", "id", "log p", "role", "author"]]
    for (place, token) in score.encoded.layout.enumerated() {
      let id = score.encoded.ids[place]
      rows.append([
        VisibleText.of(model.chat.tokenizer.bytes(of: id) ?? []), "\(id)",
        score.logProbabilities[place].map { FixedPoint.text($0, digits: 4) } ?? "-",
        token.role?.string ?? "-", token.author.rawValue,
      ])
    }
    Console.write(PlainTable.text(rows))
    Console.write(
      "loss \(FixedPoint.text(score.loss, digits: 4)) over "
        + "\(score.assistantTokens.count) of \(score.encoded.ids.count) tokens\n")
  }

  private func compare(
    _ names: String, _ model: ChatModel, _ messages: Conversation, _ options: RenderOptions
  ) throws {
    var rows = [["dialect", "tokens", "scored", "loss", "log p"]]
    var reports: [JSONValue] = []
    for name in names.split(separator: ",").map(String.init) {
      do throws(ChatInferenceError) {
        let score = try model.with(try family(name)).score(
          messages, options: options, threads: threads)
        rows.append([
          name, "\(score.encoded.ids.count)", "\(score.assistantTokens.count)",
          FixedPoint.text(score.loss, digits: 4),
          FixedPoint.text(score.assistantTotal, digits: 2),
        ])
        reports.append([
          "dialect": .string(ExactString(name)),
          "tokens": .integer(score.encoded.ids.count),
          "scored": .integer(score.assistantTokens.count),
          "loss": .double(score.loss), "log_probability": .double(score.assistantTotal),
        ])
      } catch {
        // A dialect that cannot say it is a result too.
        rows.append([name, "\(error)"])
        reports.append([
          "dialect": .string(ExactString(name)), "error": .string(ExactString("\(error)")),
        ])
      }
    }
    Console.write(
      json ? JSONValue.array(reports).serialized() + "\n" : PlainTable.text(rows))
  }

  private func family(_ name: String) throws(ChatInferenceError) -> ChatTemplate {
    do throws(ChatTemplateError) {
      return try ChatTemplate(family: name)
    } catch {
      throw ChatInferenceError(.invalidOptions("\(error)"))
    }
  }

  private func report(_ score: ConversationScore, _ model: ChatModel) -> JSONObject {
    [
      "loss": .double(score.loss), "log_probability": .double(score.assistantTotal),
      "ids": .array(score.encoded.ids.map { .integer(Int($0)) }),
      "mask": .array(score.encoded.assistantMask.map { .integer($0 ? 1 : 0) }),
      "log_probabilities": .array(
        score.logProbabilities.map { $0.map { .double($0) } ?? .null }),
    ]
  }
}
