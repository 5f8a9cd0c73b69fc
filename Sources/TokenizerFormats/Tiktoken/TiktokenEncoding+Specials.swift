// SPDX-License-Identifier: Apache-2.0

import TextPrimitives
import Tokenization

extension TiktokenEncoding {
  /// The special tokens; where two share an id, the one that decodes comes last.
  var specialTokens: [AddedToken] {
    var tokens = TokenList()
    switch self {
    case .r50kBase, .p50kBase: tokens.add(50256, "<|endoftext|>")
    case .p50kEdit:
      tokens.add(50256, "<|endoftext|>")
      tokens.add(50281, Self.fillInTheMiddle)
    case .cl100kBase:
      tokens.add(100_257, ["<|endoftext|>"] + Self.fillInTheMiddle)
      tokens.add(100_276, "<|endofprompt|>")
    case .o200kBase:
      tokens.add(199_999, "<|endoftext|>")
      tokens.add(200_018, "<|endofprompt|>")
    case .o200kHarmony: Self.addHarmony(to: &tokens)
    case .llama3: Self.addLlama3(to: &tokens)
    case .llama4: Self.addLlama4(to: &tokens)
    case .qwen3:
      tokens.add(
        151_643,
        [
          "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>",
          "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
          "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>",
          "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>",
          "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>",
          "</tool_response>", "<think>", "</think>",
        ])
    }
    return tokens.tokens
  }

  private static let fillInTheMiddle = ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"]

  /// Tokens with ids in a row.
  private struct TokenList {
    var tokens: [AddedToken] = []

    mutating func add(_ id: Int, _ content: String) {
      tokens.append(
        AddedToken(content: ExactString(content), id: TokenID(id), isSpecial: true))
    }

    mutating func add(_ first: Int, _ contents: [String]) {
      for (index, content) in contents.enumerated() { add(first + index, content) }
    }

    /// Reserved tokens, numbered from `number` on.
    mutating func reserve(_ ids: Range<Int>, _ prefix: String, from number: Int) {
      for id in ids { add(id, "<|\(prefix)\(number + id - ids.lowerBound)|>") }
    }
  }

  private static func addHarmony(to tokens: inout TokenList) {
    let named = [
      199_998: "<|startoftext|>", 199_999: "<|endoftext|>", 200_002: "<|return|>",
      200_003: "<|constrain|>", 200_005: "<|channel|>", 200_006: "<|start|>", 200_007: "<|end|>",
      200_008: "<|message|>", 200_012: "<|call|>",
    ]
    for id in 199_998..<201_088 { tokens.add(id, named[id] ?? "<|reserved_\(id)|>") }
    tokens.add(200_018, "<|endofprompt|>")
  }

  private static func addLlama3(to tokens: inout TokenList) {
    tokens.add(128_000, ["<|begin_of_text|>", "<|end_of_text|>"])
    tokens.reserve(128_002..<128_004, "reserved_special_token_", from: 0)
    tokens.add(
      128_004,
      [
        "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>",
        "<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|image|>",
      ])
    tokens.reserve(128_012..<128_256, "reserved_special_token_", from: 2)
  }

  private static func addLlama4(to tokens: inout TokenList) {
    let text = "text_post_train_reserved_special_token_"
    let vision = "vision_reserved_special_token_"
    tokens.add(
      200_000,
      [
        "<|begin_of_text|>", "<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>",
        "<|fim_suffix|>", "<|header_start|>", "<|header_end|>", "<|eom|>", "<|eot|>", "<|step|>",
      ])
    tokens.reserve(200_010..<200_016, text, from: 0)
    tokens.add(200_016, ["<|python_start|>", "<|python_end|>", "<|finetune_right_pad|>"])
    tokens.reserve(200_019..<200_080, text, from: 8)
    tokens.add(200_080, ["<|image_start|>", "<|image_end|>"])
    tokens.reserve(200_082..<200_084, vision, from: 0)
    tokens.add(200_084, ["<|tile_x_separator|>", "<|tile_y_separator|>"])
    tokens.reserve(200_086..<200_090, vision, from: 2)
    tokens.add(200_090, "<|image|>")
    tokens.reserve(200_091..<200_092, vision, from: 6)
    tokens.add(200_092, "<|patch|>")
    tokens.reserve(200_093..<201_134, vision, from: 7)
    tokens.reserve(201_134..<201_142, "reasoning_reserved_special_token_", from: 0)
    tokens.add(201_142, ["<|reasoning_thinking_start|>", "<|reasoning_thinking_end|>"])
    tokens.reserve(201_144..<202_048, "reserved_special_token_", from: 0)
  }
}
