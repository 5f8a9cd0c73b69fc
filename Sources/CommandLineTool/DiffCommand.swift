// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import OrderedJSON
import PromptChecks
import TextPrimitives

/// `dialect diff`: what two templates or tokenizers make of the same conversations.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Shows which conversations two templates or tokenizers treat differently.",
    discussion: """
      A side is a family, a template (.yaml, .jinja), a tokenizer file, or a model's folder. Two \
      tokenizers need a template with --with, two templates may share a --tokenizer. Exit status 1 \
      tells that some conversation differs.

        dialect diff llama-3 llama-3.1 --conversations chats/
        dialect diff old.jinja new.jinja --conversations chats/ --semantic
        dialect diff a/tokenizer.json b/tokenizer.json --with qwen3 --conversations chats/
      """)

  @Argument(help: ArgumentHelp("The side shown with a minus.", valueName: "a"))
  var left: String

  @Argument(help: ArgumentHelp("The side shown with a plus.", valueName: "b"))
  var right: String

  @Option(
    help: ArgumentHelp(
      "Conversations: a folder, a .json or a .jsonl file; - is standard input.", valueName: "path"))
  var conversations: String

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("The template of sides that are tokenizers.", valueName: "template"))
  var template: String?

  @Option(help: ArgumentHelp("The tokenizer of sides that are templates.", valueName: "path"))
  var tokenizer: String?

  @OptionGroup var format: FormatOptions

  @Flag(help: "End every prompt with the opening of an assistant's turn.")
  var addGenerationPrompt = false

  @Flag(help: "Group what differs by its cause.")
  var semantic = false

  @Flag(help: "Write a JSON object a conversation that differs, and one that counts them.")
  var json = false

  @Option(help: "Colour the differences: auto, always or never.")
  var color: ColorChoice = .auto

  func run() throws {
    ProcessMemory.keepFreed()
    let comparisons = try compared()
    let different = comparisons.filter { !$0.isEqual }
    if json {
      for comparison in different { write(comparison.json) }
      write([
        "equal": .integer(comparisons.count - different.count),
        "different": .integer(different.count),
      ])
    } else {
      semantic ? writeGroups(different) : writeEach(different)
      Console.write(
        "\(comparisons.count - different.count) equal, \(different.count) different\n")
    }
    if !different.isEmpty { Glibc.exit(ToolError.Status.input.rawValue) }
  }

  private func compared() throws -> [PromptComparison] {
    let shared = template.map(PromptSide.Specification.init)
    do {
      let first = try PromptSide(.init(left), template: shared, tokenizer: tokenizer)
      let second = try PromptSide(.init(right), template: shared, tokenizer: tokenizer)
      return try ConversationFolder.read(conversations, format: format.format).map {
        name, request in
        var request = request
        if addGenerationPrompt { request["add_generation_prompt"] = true }
        return PromptComparison(first, second, name: name, request: request)
      }
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }

  private func write(_ object: JSONObject) {
    Console.write(JSONValue.object(object).serialized() + "\n")
  }

  private func writeEach(_ comparisons: [PromptComparison]) {
    for comparison in comparisons {
      let places = comparison.hunkCount == 1 ? "1 place" : "\(comparison.hunkCount) places"
      Console.write(
        "\(comparison.name): \(comparison.counts.left) and \(comparison.counts.right) tokens, "
          + "\(places)\n")
      Console.write(comparison.detail(limit: 4).text(isColored: color.isOn))
    }
  }

  private func writeGroups(_ comparisons: [PromptComparison]) {
    for cause in DifferenceCause.allCases {
      let group = comparisons.filter { $0.causes.contains(cause) }
      guard let example = group.first else { continue }
      Console.write("\(cause.rawValue): \(cause.explanation)\n")
      Console.write("  in \(group.count): \(group.map(\.name).joined(separator: ", "))\n")
      Console.write("  for example \(example.name):\n")
      Console.write(example.detail(cause: cause, limit: 1).text(isColored: color.isOn))
    }
  }
}
