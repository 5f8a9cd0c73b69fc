// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Tokenization

/// A second text, and how encodings are cut and filled up.
struct SequenceOptions: ParsableArguments {
  @Option(help: "A second text, such as the context of a question.")
  var pair: String?

  @Option(help: "Cut to so many tokens, added ones included; the rest is 'overflowing' in --json.")
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "Which text of a pair is cut: longest_first, only_first or only_second.",
      valueName: "strategy"))
  var truncation: TruncationChoice?

  @Option(help: "How many tokens the pieces that are cut off share with the one before.")
  var stride: Int?

  @Option(help: "Where tokens are cut off.")
  var truncationSide: SideChoice?

  @Option(help: ArgumentHelp("Fill up to so many tokens.", valueName: "length"))
  var padTo: Int?

  @Option(help: "Fill up to a multiple of so many tokens.")
  var padToMultipleOf: Int?

  @Option(help: "Where tokens are filled in.")
  var paddingSide: SideChoice?

  @Option(help: "The token that is filled in; the tokenizer's own unless named.")
  var padToken: String?

  /// Whether some option is given.
  var isGiven: Bool { pair != nil || truncates || pads }

  private var truncates: Bool {
    maxLength != nil || truncation != nil || stride != nil || truncationSide != nil
  }

  private var pads: Bool {
    padTo != nil || padToMultipleOf != nil || paddingSide != nil || padToken != nil
  }

  func validate() throws {
    guard !truncates || maxLength != nil else {
      throw ValidationError("cutting needs --max-length")
    }
    guard !pads || padTo != nil || padToMultipleOf != nil else {
      throw ValidationError("filling up needs --pad-to or --pad-to-multiple-of")
    }
    guard min(maxLength ?? 0, stride ?? 0, padTo ?? 0) >= 0, padToMultipleOf ?? 1 > 0 else {
      throw ValidationError("lengths are numbers from 0 up")
    }
    guard max(padTo ?? 0, padToMultipleOf ?? 0) <= 1 << 24 else {
      throw ValidationError("filling up to more tokens than any model reads")
    }
  }

  /// The tokenizer that cuts and fills up as asked; what is not asked stays as its file has it.
  func apply(to tokenizer: Tokenizer) throws -> Tokenizer {
    guard truncates || pads else { return tokenizer }
    var configuration = tokenizer.configuration
    if let maxLength {
      configuration.truncation = Truncation(
        maxLength: maxLength, stride: stride ?? 0,
        strategy: truncation?.strategy ?? .longestFirst, side: truncationSide?.side ?? .right)
    }
    if pads {
      var padding = try configuration.padding ?? Padding(id: fillerID(in: tokenizer))
      if let padToken { padding.id = try identifier(of: padToken, in: tokenizer) }
      padding.length = padTo.map { .fixed($0) } ?? .longest
      padding.multipleOf = padToMultipleOf
      if let paddingSide { padding.side = paddingSide.side }
      configuration.padding = padding
    }
    return Tokenizer(configuration)
  }

  private func fillerID(in tokenizer: Tokenizer) throws -> TokenID {
    guard let padToken else {
      throw ToolError(.usage, "the tokenizer names no padding; name a token with --pad-token")
    }
    return try identifier(of: padToken, in: tokenizer)
  }

  private func identifier(of token: String, in tokenizer: Tokenizer) throws -> TokenID {
    guard let id = tokenizer.identifier(of: token) else {
      throw ToolError(.usage, "the tokenizer has no token '\(token)'")
    }
    return id
  }
}

/// Which text of a pair is cut, as transformers spells it.
enum TruncationChoice: String, ExpressibleByArgument, CaseIterable {
  case longestFirst = "longest_first"
  case onlyFirst = "only_first"
  case onlySecond = "only_second"

  var strategy: Truncation.Strategy {
    switch self {
    case .longestFirst: .longestFirst
    case .onlyFirst: .onlyFirst
    case .onlySecond: .onlySecond
    }
  }
}

/// The side at which tokens are cut off or filled in.
enum SideChoice: String, ExpressibleByArgument, CaseIterable {
  case left, right

  var side: EncodingSide { self == .left ? .left : .right }
}
