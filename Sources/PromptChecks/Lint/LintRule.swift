// SPDX-License-Identifier: Apache-2.0

/// What `dialect lint` looks for.
public enum LintRule: String, Sendable, CaseIterable {
  case doubleBegin = "double-bos"
  case missingBegin = "missing-bos"
  case splitControlToken = "split-control-token"
  case noGenerationPrompt = "no-generation-prompt"
  case generationPromptMismatch = "generation-prompt-mismatch"
  case droppedRole = "dropped-role"
  case trimmedContent = "trimmed-content"
  case unknownVariable = "unknown-variable"
  case rewrittenHistory = "rewritten-history"
  case terminatorOutsideMask = "terminator-outside-mask"
  case dateDependent = "date-dependent"
  case openText = "open-text"

  /// How much a finding matters.
  public enum Severity: String, Sendable, Comparable {
    /// Worth knowing; some models are made so.
    case note
    /// Likely to cost quality or time.
    case warning
    /// The prompt is not what the model was trained on.
    case error

    /// Orders notes before warnings before errors.
    public static func < (left: Severity, right: Severity) -> Bool {
      let order: [Severity] = [.note, .warning, .error]
      return order.firstIndex(of: left) ?? 0 < order.firstIndex(of: right) ?? 0
    }
  }

  /// How much a finding of this rule matters, at most.
  public var severity: Severity {
    switch self {
    case .splitControlToken: .error
    case .droppedRole, .missingBegin, .unknownVariable, .rewrittenHistory, .terminatorOutsideMask,
      .noGenerationPrompt, .generationPromptMismatch:
      .warning
    case .doubleBegin, .trimmedContent, .dateDependent, .openText: .note
    }
  }

  /// Why it matters and what to do.
  public var explanation: String {
    switch self {
    case .doubleBegin:
      "Template and tokenizer both write the token that begins a text. Encoding the rendered text "
        + "as plain text, with special tokens added, gives two of them, which no model was trained "
        + "on. Encode the prompt itself, or without added tokens."
    case .missingBegin:
      "The tokenizer puts a token before every text, but the template does not write it, so prompts "
        + "lack a token that the model saw in training. Write it in the template, unless the maker "
        + "left it out."
    case .splitControlToken:
      "The template writes what looks like a control token, but the vocabulary has no such token "
        + "and spells it out. Either the template or the tokenizer is of another model."
    case .noGenerationPrompt:
      "Asking for a generation prompt changes nothing, so the model has to begin the answer's "
        + "header itself, and may go on with the user's turn instead."
    case .generationPromptMismatch:
      "The prompt with its opening is no prefix of the prompt that holds the answer. The model "
        + "answers after tokens that it never sees in its history, and no cache can be kept."
    case .droppedRole:
      "A message of this role leaves nothing in the prompt, and nobody is told. Refuse it, or render "
        + "it."
    case .trimmedContent:
      "White space at the ends of a message is dropped. That is how some models were trained; code "
        + "and diffs lose their indentation."
    case .unknownVariable:
      "The template reads a variable that is neither transformers' nor a tokenizer's. It is "
        + "undefined unless callers pass it; a misspelt name is undefined always."
    case .rewrittenHistory:
      "With a new turn, the prompt changes before its end. A KV cache is lost from there on, and the "
        + "tokens after it are read again on every turn."
    case .terminatorOutsideMask:
      "The token that ends an answer is not among those that the model learns, so a model trained "
        + "with this mask never learns to stop."
    case .dateDependent:
      "The prompt holds today's date, so it differs from day to day: caches are lost at midnight, and "
        + "tests need a frozen clock."
    case .openText:
      "What ends this text is plain text, not a control token, so whoever writes the text can end it "
        + "and speak for another. Some models were trained so; text_marks: refuse refuses such "
        + "conversations."
    }
  }
}

/// Something that a linter found.
public struct LintFinding: Sendable {
  /// What was looked for.
  public let rule: LintRule
  /// How much it matters.
  public let severity: LintRule.Severity
  /// What was found, in one line.
  public let message: String
  /// Where in the template; its first line where no line can be blamed.
  public let file: String
  /// From 1.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int
  /// The template's line with the place underlined.
  public let excerpt: String
}
