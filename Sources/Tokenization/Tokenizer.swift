// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TextPrimitives

/// Turns text into the ids that a model was trained on, and back.
///
/// A tokenizer never changes and may be used by all threads at once.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: "llama-3/tokenizer.json")
/// let encoding = try tokenizer.encode("Hello")
/// try tokenizer.decode(encoding.ids)      // "Hello"
/// ```
public struct Tokenizer: Sendable {
  /// What to do with bytes that are not UTF-8.
  public enum InvalidUTF8Policy: Hashable, Sendable {
    /// Refuse them, as Hugging Face tokenizers and mistral-common do.
    case reject
    /// Put U+FFFD in the place of each byte, as SentencePiece does.
    case replaceEachByte
    /// Encode the last piece before them and all that follows as one piece, as tiktoken does.
    case mergeTail
  }

  /// The parts that a tokenizer is made of.
  public struct Configuration: Sendable {
    /// Tokens found before the model sees the text.
    public var addedTokens: [AddedToken] = []
    /// Changes the text first.
    public var normalizer: Normalizer?
    /// Cuts the text into pieces.
    public var preTokenizer: PreTokenizer?
    /// Encodes the pieces.
    public var model: BPE
    /// Adds special tokens.
    public var postProcessor: PostProcessor?
    /// Turns tokens back into text; without one, tokens are joined by spaces.
    public var decoder: TokenDecoder?
    /// Whether the content of added tokens that are matched after normalization is normalized
    /// too, as `tokenizers` does; SentencePiece takes it as it is.
    public var normalizesAddedTokens = true
    /// The file's wish to cut encodings.
    public var truncation: Truncation?
    /// The file's wish to fill encodings up.
    public var padding: Padding?
    /// What to do with bytes that are not UTF-8.
    public var invalidUTF8: InvalidUTF8Policy = .reject

    /// Text on both sides of a special token that is left out is decoded on its own, as
    /// mistral-common does, so that no scalar is made of bytes from both.
    public var decodesApartAtSpecialTokens = false
    /// Streams give a scalar as soon as its bytes are whole, as incremental UTF-8 decoders do,
    /// instead of waiting for a token that ends with one, as Hugging Face's do.
    public var streamsByScalar = false
    /// How many bytes each thread that encodes may remember words in; the memory is touched only as
    /// words come up.
    public var wordCacheBytes = 24 << 20

    /// A tokenizer that has a model and nothing else.
    public init(model: BPE) {
      self.model = model
    }
  }

  let parts: Parts

  /// Puts a tokenizer together.
  public init(_ configuration: Configuration) {
    parts = Parts(configuration)
  }

  /// The parts that this tokenizer is made of.
  public var configuration: Configuration { parts.configuration }

  /// The vocabulary of the model, without added tokens that it does not hold.
  public var vocabulary: Vocabulary { parts.configuration.model.vocabulary }

  /// The added tokens, special ones included.
  public var addedTokens: [AddedToken] { parts.added.tokens }

  /// One more than the highest id.
  public var identifierBound: Int { parts.identifierBound }

  /// The id of a token as its file spells it.
  public func identifier(of token: String) -> TokenID? {
    parts.added.identifier(of: ExactString(token))
      ?? vocabulary.identifier(spelt: Array(token.utf8))
  }

  /// A token as its file spells it, or nil where the id has none.
  public func token(_ id: TokenID) -> String? { parts.token(id) }

  /// The bytes that a token stands for in a text, as far as a token alone tells.
  public func bytes(of id: TokenID) -> [UInt8]? {
    parts.added.token(id).map { Array($0.content.utf8) } ?? vocabulary.bytes(of: id)
  }

  /// Whether an id is that of a special token.
  public func isSpecial(_ id: TokenID) -> Bool {
    parts.added.token(id)?.isSpecial ?? false
  }

  /// What never changes, shared by all copies.
  final class Parts: Sendable {
    let configuration: Configuration
    let added: AddedVocabulary
    let identifierBound: Int
    /// Whether decoding only joins bytes.
    let decodesBytes: Bool
    let plan: EncodingPlan
    let contexts: ContextPool
    private let lazyDecodeTable = Mutex<DecodeTable??>(nil)

    init(_ configuration: Configuration) {
      self.configuration = configuration
      let normalizer = configuration.normalizer
      added = AddedVocabulary(configuration.addedTokens) { content in
        guard let normalizer, configuration.normalizesAddedTokens else { return content }
        return normalizer.apply(to: AlignedText(content, base: 0, tracksOrigins: false)).bytes
      }
      identifierBound = max(
        configuration.model.vocabulary.identifierBound,
        (configuration.addedTokens.map { Int($0.id) }.max() ?? -1) + 1)
      if case .byteLevel = configuration.decoder {
        decodesBytes = configuration.model.vocabulary.spelling == .byteLevel
      } else {
        decodesBytes = false
      }
      plan = EncodingPlan(configuration, matchesAfterNormalization: added.matchesAfterNormalization)
      contexts = ContextPool(cacheBytes: configuration.wordCacheBytes)
    }

    func token(_ id: TokenID) -> String? {
      if let token = added.token(id) { return token.content.string }
      return configuration.model.vocabulary.spelling(of: id)
        .map { String(decoding: $0, as: UTF8.self) }
    }

    /// What tokens become, made when it is first asked for; nil for decoders that need more.
    var decodeTable: DecodeTable? {
      lazyDecodeTable.withLock { table in
        if let table { return table }
        let made = DecodeTable(self)
        table = .some(made)
        return made
      }
    }
  }
}

/// What becomes of special tokens that stand in a text.
public enum SpecialTokenPolicy: Hashable, Sendable {
  /// They are text like any other.
  case asText
  /// They are an error.
  case reject
  /// These become tokens, the others are text.
  case allow(Set<TokenID>)
  /// All become tokens, as in transformers.
  case allowAll
}
