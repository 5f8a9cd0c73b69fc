// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatInference
import ChatTemplates
import OrderedJSON
import ReferenceTransformer
import TextPrimitives

/// `dialect generate`: a model answers a conversation.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Lets a model answer a conversation.",
    discussion: """
      Runs a llama, mistral, qwen2 or qwen3 model on the processor, exactly and readably rather than \
      fast. --model is a folder as the Hub has it, a GGUF file, or one of \
      the tiny models that the tool carries: \(BuiltInModel.names). A template that is named \
      replaces the model's own, right or wrong.

        dialect generate --model Qwen3-0.6B --input conversation.json --max-tokens 200
        dialect generate --model tiny-inst --chat
      """)

  @OptionGroup(title: "Model and template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions
  @OptionGroup(title: "Sampling") var sampling: SamplingArguments

  @Flag(help: "Talk: every line of standard input is a message.")
  var chat = false

  @Option(help: "How many threads the model uses.")
  var threads = 1

  @Flag(help: "Tell tokens per second on standard error.")
  var timing = false

  @Flag(help: "Print the reply as a JSON message, with what it took.")
  var json = false

  func run() throws {
    ProcessMemory.keepFreed()
    let model = try template.chatModel()
    var options = sampling.generation
    options.threads = threads
    if chat { return try talk(model, options) }
    let (messages, rendering) = try conversation.read()
    var dialogue = ChatDialogue(model)
    let reply = try answer(messages, rendering, options, &dialogue)
    if json {
      Console.write(
        JSONValue.object(report(reply)).serialized(JSONSerializer(indent: "  ")) + "\n")
    } else if Console.isTerminal {
      Console.write("\n")
    }
  }

  private func talk(_ model: ChatModel, _ options: GenerationOptions) throws {
    var (messages, rendering) =
      conversation.input == nil ? (Conversation([]), RenderOptions()) : try conversation.read()
    var dialogue = ChatDialogue(model)
    var lines = LineReader()
    while let line = lines.next(beforeWaiting: { if Console.isTerminal { Console.write("> ") } }) {
      let text = String(decoding: line, as: UTF8.self)
      guard !text.isEmpty else { continue }
      messages.messages.append(Message(.user, text))
      let reply = try answer(messages, rendering, options, &dialogue)
      if json { Console.write(JSONValue.object(report(reply)).serialized()) }
      Console.write("\n")
      messages.messages.append(reply.message)
    }
  }

  private func answer(
    _ messages: Conversation, _ rendering: RenderOptions, _ options: GenerationOptions,
    _ dialogue: inout ChatDialogue
  ) throws -> GeneratedReply {
    do throws(ChatInferenceError) {
      let reply = try dialogue.reply(
        to: messages, options: rendering, generation: options,
        onText: { if !json { Console.write($0) } })
      if timing { tell(reply.answer) }
      return reply
    } catch {
      throw ToolError(error)
    }
  }

  private func tell(_ answer: WrittenAnswer) {
    let prompt = Double(answer.promptTokens) / answer.promptTime.inSeconds
    // The first token of an answer comes from the prompt.
    let written = Double(max(0, answer.ids.count - 1)) / answer.answerTime.inSeconds
    Console.complain(
      "prompt: \(answer.promptTokens) tokens, \(FixedPoint.text(prompt, digits: 1)) tokens/s; "
        + "answer: \(answer.ids.count) tokens, \(FixedPoint.text(written, digits: 1)) tokens/s")
  }

  private func report(_ reply: GeneratedReply) -> JSONObject {
    var report: JSONObject = [
      "message": .object(reply.message.fields),
      "text": .string(ExactString(reply.answer.text)),
      "ids": .array(reply.answer.ids.map { .integer(Int($0)) }),
      "ending": .string(ExactString(reply.answer.ending.rawValue)),
      "prompt_tokens": .integer(reply.answer.promptTokens),
      "prompt_seconds": .double(reply.answer.promptTime.inSeconds),
      "answer_seconds": .double(reply.answer.answerTime.inSeconds),
    ]
    if let unparsed = reply.parsed.unparsed { report["unparsed"] = .string(unparsed) }
    return report
  }
}

/// How tokens are chosen, and when an answer ends.
struct SamplingArguments: ParsableArguments {
  @Option(help: "The most tokens of an answer.")
  var maxTokens: Int?

  @Option(help: "0 takes the most probable token always; 1 draws by the model's probabilities.")
  var temperature: Float = 0

  @Option(help: "Draw from so many of the most probable tokens only.")
  var topK: Int?

  @Option(help: "Draw from the fewest tokens that hold this much of the probability.")
  var topP: Float = 1

  @Option(help: "Draw from tokens with at least this share of the greatest probability.")
  var minP: Float = 0

  @Option(help: "Above 1 makes tokens that are there already less probable.")
  var repetitionPenalty: Float = 1

  @Option(help: "Equal seeds give equal answers.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("A text that ends an answer; repeat it for more.", valueName: "text"))
  var stop: [String] = []

  var generation: GenerationOptions {
    var options = GenerationOptions()
    options.sampling.temperature = temperature
    options.sampling.topK = topK
    options.sampling.topP = topP
    options.sampling.minP = minP
    options.sampling.repetitionPenalty = repetitionPenalty
    options.sampling.seed = seed
    options.maximumTokens = maxTokens
    options.stopStrings = stop
    return options
  }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
