// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates

/// `dialect convert`: one format into another.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a template family as a Jinja template.",
    discussion: """
      The Jinja template renders to the same bytes in transformers, refuses with the same words, \
      and marks what the model writes with {% generation %} tags.

        dialect convert qwen3 --to jinja > chat_template.jinja
        dialect convert my-family.yaml --to jinja
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable { case jinja }

  @Argument(help: ArgumentHelp("A built-in family, or a declarative template of your own."))
  var source: String

  @Option(help: "The format to write.")
  var to: Target

  func run() throws {
    do throws(ChatTemplateError) {
      let isFile = source.hasSuffix(".yaml") || source.hasSuffix(".yml") || source.contains("/")
      let template =
        isFile ? try ChatTemplate(contentsOf: source) : try ChatTemplate(family: source)
      Console.write(try template.jinjaSource())
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }
}
