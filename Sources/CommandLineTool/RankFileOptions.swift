// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TextPrimitives
import Tokenization
import TokenizerFormats

/// What a rank file does not say of itself.
struct RankFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The encoding of a rank file whose name does not tell, such as cl100k_base or llama-3.",
      valueName: "name"))
  var encoding: String?

  @Option(
    help: ArgumentHelp(
      "The pattern of a rank file of an encoding of your own, as Rust's fancy-regex writes it.",
      valueName: "regex"))
  var pattern: String?

  @Option(
    help: ArgumentHelp(
      "A special token of such a file, such as '<|end|>=5000'; may be given again.",
      valueName: "token=id"))
  var specialToken: [String] = []

  func validate() throws {
    guard encoding == nil || pattern == nil else {
      throw ValidationError("--encoding and --pattern exclude each other")
    }
    guard specialToken.isEmpty || pattern != nil else {
      throw ValidationError("--special-token needs --pattern")
    }
    _ = try specialTokens()
  }

  /// The tokenizer of a file of any format.
  func load(_ path: String, cache: TokenizerCache? = nil) throws -> Tokenizer {
    do {
      guard let pattern else {
        return try Tokenizer(contentsOf: path, encoding: encoding, cache: cache)
      }
      return try Tokenizer(
        tiktoken: try TextInput.bytes(path), name: path, pattern: pattern,
        specialTokens: try specialTokens())
    } catch let error as TokenizerLoadingError {
      throw ToolError(.loading, "\(error)")
    }
  }

  private func specialTokens() throws -> [ExactString: TokenID] {
    var tokens: [ExactString: TokenID] = [:]
    for option in specialToken {
      guard let place = option.lastIndex(of: "="), place > option.startIndex,
        let id = TokenID(option[option.index(after: place)...])
      else {
        throw ValidationError("--special-token is a token and its id, such as '<|end|>=5000'")
      }
      tokens[ExactString(String(option[..<place]))] = id
    }
    return tokens
  }
}
