// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BinaryInput
import ChatTemplates
import TextPrimitives
import Tokenization
import TokenizerFormats

/// Which tokenizer is used.
struct TokenizerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A tokenizer file of any format, or a folder that holds one. Without it, the built-in one.",
      valueName: "path"))
  var tokenizer: String?

  @OptionGroup var ranks: RankFileOptions

  @Option(
    help: ArgumentHelp(
      "Whose reading of a model's folder is followed.",
      valueName: "name"))
  var reading: ReadingChoice = .reference

  @Option(
    help: ArgumentHelp(
      "Where compiled tokenizers are kept, or 'off'; DIALECT_CACHE says the same. Without either, "
        + "dialect in the user's folder for caches.", valueName: "folder"))
  var cache: String?

  /// Where compiled tokenizers are kept; nil for nowhere.
  var tokenizerCache: TokenizerCache? {
    cache.map { TokenizerCache(named: $0) } ?? TokenizerCache.standard
  }

  /// The tokenizer that is named, else the built-in byte-level one.
  func load() throws -> Tokenizer {
    try named() ?? BuiltInTokenizer.load(.byteLevel)
  }

  /// The tokenizer that is named.
  func named() throws -> Tokenizer? {
    guard let tokenizer else { return nil }
    return reading == .transformers
      ? try directory(tokenizer).tokenizer : try ranks.load(tokenizer, cache: tokenizerCache)
  }
}

extension TokenizerOptions {
  /// A model's folder, read as the options ask.
  func directory(_ path: String) throws -> ModelDirectory {
    do {
      return try ModelDirectory(
        path: path, encoding: ranks.encoding,
        reading: reading == .transformers ? .transformers : .reference)
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }
}

/// Whose reading of a model's folder is followed.
enum ReadingChoice: String, ExpressibleByArgument, CaseIterable {
  case reference, transformers
}

/// The vocabularies that the tool carries.
enum BuiltInTokenizer {
  static func load(_ vocabulary: BuiltInVocabulary) throws -> Tokenizer {
    do {
      return try Tokenizer(
        tokenizerJSON: vocabulary.tokenizerJSON, name: "built-in \(vocabulary.rawValue)")
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }

  /// The one that fits a template: templates that write `<s>` come from SentencePiece's world.
  static func vocabulary(for prompt: Prompt) -> BuiltInVocabulary {
    prompt.controlTokens.contains("<s>") ? .metaspace : .byteLevel
  }
}

/// Where text comes from.
enum TextInput {
  /// The bytes of a file; `-` is standard input.
  static func bytes(_ path: String) throws -> [UInt8] {
    do {
      return try FileReader.bytes(path: path)
    } catch {
      throw ToolError(.loading, "\(error)")
    }
  }

  /// The text of a file, which must be UTF-8.
  static func text(_ path: String) throws -> String {
    guard let text = String(validating: try bytes(path), as: UTF8.self) else {
      throw ToolError(.loading, "\(path): the file is not UTF-8; save it as UTF-8")
    }
    return text
  }
}
