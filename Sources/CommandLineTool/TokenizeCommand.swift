// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BinaryInput
import ChatTemplates
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

/// `dialect tokenize`: text or a conversation to ids.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turns text or a conversation into token ids.",
    discussion: """
      By default every token is a line, its id before its text. Special tokens in the text are \
      text, and none are added.

        dialect tokenize --tokenizer tokenizer.json --text "Hello world"
        dialect tokenize --tokenizer tokenizer.json --file essay.txt --count
        dialect tokenize --family llama-3 --input conversation.json --table

      --next is the same conversation with more turns: it tells how many tokens of the prompt \
      stay, and with --sampled, the ids that the model answered with, which ids to read next.

        dialect tokenize --family qwen3 --input asked.json --add-generation-prompt \
      --next asked-again.json --sampled ids.txt

      With --jsonl, a line {"text": "Hello"} or {"bytes": BASE64} on standard input gives a line \
      {"ids": [9906]}, with --json all that is known of the tokens; "pair" is a second text. \
      {"messages": […]} with a template gives ids, mask and layout.
      """)

  @OptionGroup(title: "Tokenizer") var source: TokenizerOptions
  @OptionGroup(title: "Template") var template: TemplateOptions
  @OptionGroup(title: "Conversation") var conversation: ConversationOptions

  @Option(help: "The text.")
  var text: String?

  @Option(help: ArgumentHelp("A file with the text.", valueName: "path"))
  var file: String?

  @OptionGroup(title: "Length") var sequence: SequenceOptions

  @Flag(help: "Add the special tokens that the tokenizer puts around a text.")
  var addSpecial = false

  @Flag(help: "Add no special tokens; this is the default.")
  var noSpecial = false

  @Flag(help: "Let special tokens that stand in the text be tokens.")
  var parseSpecial = false

  @Flag(
    help: "Let special tokens that stand in a conversation's text be tokens, as transformers does.")
  var trustText = false

  @Flag(help: "Leave the tokens that end an assistant's turn out of the mask.")
  var maskWithoutTerminator = false

  @Option(
    help: ArgumentHelp(
      "The conversation of --input with more turns: tell what of the prompt stays.",
      valueName: "file"))
  var next: String?

  @Option(
    help: ArgumentHelp(
      "The ids that the model answered to --input with: tell what to read after them.",
      valueName: "file"))
  var sampled: String?

  @Flag(help: "Print the ids as a list.")
  var ids = false

  @Flag(help: "Print how many tokens there are.")
  var count = false

  @Flag(help: "Print a table of id, text, bytes and offset.")
  var table = false

  @Option(help: "Colour the table: auto, always or never.")
  var color: ColorChoice = .auto

  @Flag(help: "Read and write JSON, a line per text.")
  var jsonl = false

  @Flag(help: "Write ids, tokens, offsets and masks as JSON.")
  var json = false

  func validate() throws {
    guard !(addSpecial && noSpecial) else {
      throw ValidationError("--add-special and --no-special exclude each other")
    }
    guard conversation.input == nil || template.isGiven else {
      throw ValidationError(
        "--input is a conversation, which needs a template such as --family NAME")
    }
    guard next == nil || conversation.input != nil, sampled == nil || next != nil else {
      throw ValidationError("--sampled needs --next, and --next needs --input")
    }
    guard conversation.input == nil || (text == nil && file == nil) else {
      throw ValidationError("name one of --text, --file and --input")
    }
    guard conversation.input == nil || !sequence.isGiven else {
      throw ValidationError("a conversation has no pair, and is neither cut nor filled up")
    }
  }

  func run() throws {
    let chat = try template.chatTokenizer()
    let named = try source.named() ?? chat?.tokenizer
    let loaded = try template.isGiven ? chat?.template ?? template.load() : nil
    if let loaded { try template.check(loaded, with: named) }
    if jsonl {
      var prompts = PromptTokenizer(
        named, trustsText: trustText, masksTerminators: !maskWithoutTerminator)
      let texts = try sequence.apply(to: try named ?? source.load())
      let completed = try conversation.completing()
      BatchStream.run { line in
        if let loaded, Conversation.isHeld(by: line) {
          let (messages, options) = try ChatRequest.read(completed(line))
          return try prompts.encode(loaded, messages, template.completed(options, by: chat)).report
        }
        return try answer(line, texts)
      }
    } else if let loaded, text == nil, file == nil {
      let (messages, options) = try conversation.read()
      var prompts = PromptTokenizer(
        named, trustsText: trustText, masksTerminators: !maskWithoutTerminator)
      if let next {
        let following = NextTurns(
          template: loaded, options: template.completed(options, by: chat), sampled: sampled)
        var longer = conversation
        longer.input = next
        let report = try following.report(messages, try longer.read().0, &prompts)
        return BenchCommand.write(report, json: json)
      }
      try write(try prompts.encode(loaded, messages, template.completed(options, by: chat)))
    } else {
      let tokenizer = try sequence.apply(to: try named ?? source.load())
      let texts = [try bytes()] + (sequence.pair.map { [Array($0.utf8)] } ?? [])
      try write(try encode(texts, with: tokenizer), of: texts, tokenizer)
    }
  }

  private func bytes() throws -> [UInt8] {
    if let text { return Array(text.utf8) }
    return try TextInput.bytes(file ?? "-")
  }

  private func answer(_ line: JSONObject, _ tokenizer: Tokenizer) throws -> JSONObject {
    var texts: [[UInt8]] = []
    if let text = line["text"]?.string {
      texts.append(Array(text.utf8))
    } else if let encoded = line["bytes"]?.string {
      guard let decoded = Base64.decode(encoded.utf8) else {
        throw ToolError(.input, "'bytes' is no Base64")
      }
      texts.append(decoded)
    } else {
      throw ToolError(.input, "expected {\"text\": …} or {\"bytes\": …}")
    }
    if let value = line["pair"], !value.isNull {
      guard let pair = value.string else { throw ToolError(.input, "'pair' is no text") }
      texts.append(Array(pair.utf8))
    } else if let pair = sequence.pair {
      texts.append(Array(pair.utf8))
    }
    let encoding = try encode(texts, with: tokenizer)
    return json
      ? EncodingReport.object(encoding, of: texts)
      : ["ids": .array(encoding.ids.map { .integer(Int($0)) })]
  }

  /// Encodes a text, or a pair of two.
  private func encode(_ texts: [[UInt8]], with tokenizer: Tokenizer) throws -> Encoding {
    let special: SpecialTokenPolicy = parseSpecial ? .allowAll : .asText
    do {
      return texts.count == 2
        ? try tokenizer.encode(
          bytes: texts[0], pair: texts[1], special: special, addsSpecialTokens: addSpecial)
        : try tokenizer.encode(bytes: texts[0], special: special, addsSpecialTokens: addSpecial)
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }

  private func write(_ encoding: Encoding, of texts: [[UInt8]], _ tokenizer: Tokenizer) throws {
    let rows = encoding.ids.indices.map { index in
      TokenTable.Row(
        id: encoding.ids[index], bytes: tokenizer.bytes(of: encoding.ids[index]) ?? [],
        offset: encoding.offsets[index], label: nil,
        isControl: tokenizer.isSpecial(encoding.ids[index]))
    }
    write(rows, report: EncodingReport.object(encoding, of: texts))
  }

  private func write(_ prompt: PromptTokens) throws {
    write(prompt.rows, report: prompt.report)
  }

  private func write(_ rows: [TokenTable.Row], report: @autoclosure () -> JSONObject) {
    if count {
      Console.write("\(rows.count)\n")
    } else if ids {
      Console.write("\(rows.map(\.id))\n")
    } else if json {
      Console.write(JSONValue.object(report()).serialized() + "\n")
    } else if table {
      Console.write(TokenTable(rows, isColored: color.isOn).description)
    } else {
      for row in rows {
        let number = String(row.id)
        let margin = String(repeating: " ", count: max(0, 6 - number.utf8.count))
        Console.write("\(margin)\(number) -> '\(VisibleText.of(row.bytes))'\n")
      }
    }
  }
}

/// When output is coloured.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never

  var isOn: Bool { self == .always || (self == .auto && Console.isTerminal) }
}
