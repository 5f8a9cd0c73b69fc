// SPDX-License-Identifier: Apache-2.0

public import ChatTemplates
import OrderedJSON
import PromptEncoding
import ReferenceTransformer
import TextPrimitives
import TinyModelLibrary
import Tokenization
import TokenizerFormats

/// The tiny models that are compiled in, trained by Scripts/train_tiny_models.py.
///
/// All are one architecture with one tokenizer. The first knows plain text only; the others
/// were tuned from it on the same tasks, each in one dialect.
public enum BuiltInModel: String, Sendable, CaseIterable {
  /// Plain text: statements about words, sums and colours.
  case base = "tiny-base"
  /// `<s>[INST]question[/INST]answer</s>`.
  case inst = "tiny-inst"
  /// `<|start_header_id|>user<|end_header_id|>`, blank line, text, `<|eot_id|>`.
  case headerID = "tiny-header-id"
  /// `<|user|>`, line break, text, `<|end|>`, line break.
  case role = "tiny-role"

  /// All names, for messages.
  public static var names: String {
    allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// The family whose layout the model knows.
  public var family: String {
    switch self {
    case .base: "llama-2-base"
    case .inst: "mistral-v3-tekken"
    case .headerID: "llama-3"
    case .role: "phi-3"
    }
  }

  /// The model with its own dialect.
  ///
  /// - Throws: ``ChatInferenceError``, which a damaged program would give.
  public func load() throws(ChatInferenceError) -> ChatModel {
    let transformer: Transformer
    do throws(TransformerError) {
      transformer = try unsafe Transformer(
        configJSON: Self.file(dialect_tiny_configuration), constant: Self.bytes(weights))
    } catch {
      throw ChatInferenceError(.transformer(error))
    }
    let tokenizer: Tokenizer
    do throws(TokenizerLoadingError) {
      tokenizer = try unsafe Tokenizer(
        tokenizerJSON: Self.file(dialect_tiny_tokenizer), name: rawValue)
    } catch {
      throw ChatInferenceError(.prompt(PromptEncodingError(.loading("\(error)"))))
    }
    let template: ChatTemplate
    do throws(ChatTemplateError) {
      template = try ChatTemplate(family: family)
    } catch {
      throw ChatInferenceError(.prompt(PromptEncodingError(.template(error))))
    }
    return try ChatModel(
      chat: ChatTokenizer(
        tokenizer: tokenizer, template: template,
        endTokenIDs: Self.endTokens.compactMap { tokenizer.identifier(of: $0) }),
      transformer: transformer)
  }

  /// The tokens that end a turn in one of the dialects.
  private static let endTokens = [
    "</s>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "<|endoftext|>",
  ]

  /// Conversations of which no model saw the words or the questions, with right answers.
  public static var heldOutConversations: [Conversation] {
    let lines = unsafe file(dialect_tiny_held_out).split(separator: UInt8(ascii: "\n"))
    return lines.compactMap { line in
      (try? JSONValue(parsing: Array(line))).flatMap { try? Conversation(openAI: $0) }
    }
  }

  private typealias File = (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?

  private var weights: File {
    switch self {
    case .base: unsafe dialect_tiny_base
    case .inst: unsafe dialect_tiny_inst
    case .headerID: unsafe dialect_tiny_header_id
    case .role: unsafe dialect_tiny_role
    }
  }

  private static func bytes(_ file: File) -> UnsafeRawBufferPointer {
    // SAFETY: the bytes are constants of the program, `size` of them.
    var size = 0
    let start = unsafe file(&size)
    return unsafe UnsafeRawBufferPointer(start: start, count: size)
  }

  private static func file(_ file: File) -> [UInt8] {
    unsafe Array(bytes(file))
  }
}
