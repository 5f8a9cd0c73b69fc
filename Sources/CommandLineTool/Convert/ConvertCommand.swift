// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates

/// `dialect convert`: one format to another, without loss or with a word about it.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract:
      "Writes a tokenizer, a template or a conversation in another format.",
    discussion: """
      What the other format has no words for is an error that names it.

        dialect convert cl100k_base.tiktoken --to tokenizer.json --output tokenizer.json
        dialect convert models/mistral/tokenizer.model --to tokenizer.json > tokenizer.json
        dialect convert qwen3 --to jinja > chat_template.jinja
        dialect convert my-family.yaml --to jinja
        dialect convert sharegpt.json --to openai
      """)

  /// What can be made, each by a file of its own.
  enum Target: String, ExpressibleByArgument, CaseIterable {
    case tokenizerJSON = "tokenizer.json"
    case jinja
    case openAI = "openai"
    case anthropic
  }

  @Argument(
    help:
      "A tokenizer file of any format or its folder; for jinja, a template family; else a conversation."
  )
  var source: String

  @Option(help: "The format to write: \(Target.allValueStrings.joined(separator: ", ")).")
  var to: Target

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Where the result goes; standard output by default.", valueName: "file"))
  var output: String?

  @OptionGroup var ranks: RankFileOptions

  @OptionGroup var format: FormatOptions

  /// How tool calls' arguments are written.
  enum ArgumentForm: String, ExpressibleByArgument, CaseIterable {
    case object, string

    var form: ToolArguments { self == .object ? .object : .string }
  }

  @Option(
    help: ArgumentHelp(
      "For openai: the form of tool calls' arguments, which its API wants as strings; as they are "
        + "by default.", valueName: "form"))
  var toolArguments: ArgumentForm?

  @Flag(help: "Write the nearest thing where something is lost, and say what.")
  var allowLoss = false

  func validate() throws {
    if toolArguments != nil, to != .openAI {
      throw ValidationError("--tool-arguments is for --to openai alone.")
    }
  }

  func run() throws {
    let bytes =
      switch to {
      case .tokenizerJSON: try convertToTokenizerJSON()
      case .jinja: try convertToJinja()
      case .openAI, .anthropic: try convertConversation()
      }
    guard let output else { return Console.write(bytes) }
    try OutputFile.write(bytes, to: output)
  }
}
