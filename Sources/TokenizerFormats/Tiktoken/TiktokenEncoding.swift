// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Tokenization

/// What a rank file does not say: the pattern and the special tokens of a published encoding.
///
/// Facts from tiktoken 0.14 (tiktoken_ext/openai_public.py), meta-llama/llama-models a9c89c4, and
/// Qwen's tokenizer_config.json.
enum TiktokenEncoding: String, CaseIterable {
  case r50kBase = "r50k_base"
  case p50kBase = "p50k_base"
  case p50kEdit = "p50k_edit"
  case cl100kBase = "cl100k_base"
  case o200kBase = "o200k_base"
  case o200kHarmony = "o200k_harmony"
  case llama3 = "llama-3"
  case llama4 = "llama-4"
  case qwen3 = "qwen3"

  private static let aliases: [String: Self] = [
    "gpt2": .r50kBase, "gpt-2": .r50kBase, "llama3": .llama3, "llama4": .llama4, "qwen": .qwen3,
    "qwen2": .qwen3, "qwen2.5": .qwen3,
  ]

  /// The encoding that a caller or a file names.
  init?(named name: String) {
    guard let encoding = Self(rawValue: name) ?? Self.aliases[name] else { return nil }
    self = encoding
  }

  /// The encoding that is named so, or so and an ending, as in `cl100k_base.tiktoken`.
  init?(fileName: String) {
    var name = fileName.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) ?? "" } ?? ""
    while Self(named: name) == nil {
      guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
      name = String(name[..<dot])
    }
    self.init(named: name)
  }

  /// How many ranks the published file has.
  var rankCount: Int {
    switch self {
    case .r50kBase: 50256
    case .p50kBase, .p50kEdit: 50280
    case .cl100kBase: 100_256
    case .o200kBase, .o200kHarmony: 199_998
    case .llama3: 128_000
    case .llama4: 200_000
    case .qwen3: 151_643
    }
  }

  /// The pattern that cuts text.
  var pattern: String {
    switch self {
    case .r50kBase, .p50kBase, .p50kEdit:
      #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case .cl100kBase, .llama3:
      Self.classicPattern(numbers: #"\p{N}{1,3}"#)
    case .qwen3:
      Self.classicPattern(numbers: #"\p{N}"#)
    case .o200kBase, .o200kHarmony, .llama4: Self.casedPattern
    }
  }

  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

  private static func classicPattern(numbers: String) -> String {
    let words = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    let others = #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return "\(contractions)|\(words)|\(numbers)|\(others)"
  }

  private static let casedPattern: String = {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    let start = #"[^\r\n\p{L}\p{N}]?"#
    let others = #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return "\(start)\(upper)*\(lower)+\(contractions)?"
      + "|\(start)\(upper)+\(lower)*\(contractions)?|\(others)"
  }()

  /// The token that stands before every text, where the model expects one.
  var beginOfText: TokenID? {
    switch self {
    case .llama3: 128_000
    case .llama4: 200_000
    default: nil
    }
  }
}
