// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The tool: one verb per subcommand.
@main
struct DialectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dialect",
    abstract: "Speaks every language model's chat dialect exactly.")
}
