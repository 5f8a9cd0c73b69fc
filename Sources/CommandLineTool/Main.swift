// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// The entry point, which keeps the contract of exit statuses: 0 fine, 1 input that cannot be
/// rendered or encoded, 2 usage, 3 a file that cannot be loaded.
@main
struct Main {
  static func main() {
    do {
      var command = try DialectCommand.parseAsRoot(Arguments.normalized())
      try command.run()
    } catch let error as ToolError {
      Console.complain(error.message)
      exit(error.status.rawValue)
    } catch {
      let message = DialectCommand.fullMessage(for: error)
      guard DialectCommand.exitCode(for: error) != .success else {
        Console.write(message + "\n")
        exit(0)
      }
      Console.complain(message)
      exit(ToolError.Status.usage.rawValue)
    }
  }
}

/// The tool: one verb per subcommand.
struct DialectCommand: ParsableCommand {
  /// The version that the tool says it has.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "dialect",
    abstract: "Speaks every language model's chat dialect exactly.",
    discussion: """
      Renders conversations as the prompts that models were trained on, and turns text into \
      exactly the tokens of their reference tokenizers.

        dialect render --family llama-3 --input conversation.json --add-generation-prompt
        dialect tokenize --tokenizer llama-3/tokenizer.json --text "Hello" --table
        dialect decode --tokenizer llama-3/tokenizer.json 9906

      A '-' in the place of a file is standard input. Exit status: 0 fine, 1 differences found or \
      input that cannot be rendered or encoded, 2 usage, 3 a file that cannot be loaded.
      """,
    version: version,
    subcommands: [
      RenderCommand.self, TokenizeCommand.self, DecodeCommand.self, ParseCommand.self,
      InspectCommand.self, CheckCommand.self, DiffCommand.self, LintCommand.self, TrainCommand.self,
      ConvertCommand.self,
      GenerateCommand.self, ScoreCommand.self,
      DemoCommand.self,
      BenchCommand.self,
    ])
}

/// The command line as the parser takes it.
enum Arguments {
  /// `--continue-final-message` may name a field, which the parser has as an option of its own.
  static func normalized() -> [String] {
    CommandLine.arguments.dropFirst().map { argument in
      let flag = "--continue-final-message="
      return argument.hasPrefix(flag)
        ? "--continue-field=" + argument.dropFirst(flag.count) : argument
    }
  }
}
