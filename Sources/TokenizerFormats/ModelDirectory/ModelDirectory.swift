// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import OrderedJSON
public import TextPrimitives
public import Tokenization

/// A model's folder as transformers 5.23 reads it: the tokenizer, and what the files beside it say
/// of special tokens, templates and the end of an answer.
///
/// ```swift
/// let model = try ModelDirectory(path: "Qwen3-8B")
/// model.endTokenIDs                       // [151645, 151643]
/// model.chatTemplate(named: "default")
/// ```
public struct ModelDirectory: Sendable {
  /// A chat template with the name by which it is asked for.
  public struct NamedTemplate: Hashable, Sendable {
    /// `default`, `tool_use` or another.
    public let name: ExactString
    /// The Jinja source.
    public let source: ExactString
    /// The file that holds it.
    public let file: String
  }

  /// The folder.
  public let path: String
  /// The file that the tokenizer was read from.
  public let tokenizerFile: String
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The strings of `bos_token`, `eos_token`, `pad_token`, `unk_token` and others that end so.
  public let specialTokens: [ExactString: ExactString]
  /// All chat templates; empty for a base model.
  public let chatTemplates: [NamedTemplate]
  /// The ids that end an answer, as `generation_config.json` has them, else `config.json`, else
  /// the id of `eos_token`.
  public let endTokenIDs: [TokenID]
  /// Whether the files wish a token before every text; nil where they say nothing.
  ///
  /// As in transformers, a `tokenizer.json` has the say: its post-processor counts, not this.
  public let addsBeginToken: Bool?
  /// Whether the files wish a token after every text; nil where they say nothing.
  public let addsEndToken: Bool?
  /// `clean_up_tokenization_spaces`; nil where the files say nothing.
  public let cleansUpSpaces: Bool?
  /// `legacy`; nil where the files say nothing.
  public let isLegacy: Bool?
  /// `tokenizer_class`; nil where the files say nothing.
  public let tokenizerClass: String?
  /// The content of `tokenizer_config.json`; null where there is none.
  public let configuration: JSONValue

  /// Reads a folder.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - encoding: The encoding of a rank file, where its name does not tell.
  ///   - reading: Whose reading is followed where implementations disagree.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``TokenizerLoadingError`` naming the file, the place and what to do.
  public init(
    path: String, encoding: String? = nil, reading: TokenizerReading = .reference,
    cache: TokenizerCache? = nil
  ) throws(TokenizerLoadingError) {
    self.path = path
    tokenizerFile = try TokenizerFolder.file(in: path, format: nil)
    let files = ModelFiles(folder: path)
    let config = try files.json("tokenizer_config.json")
    let map = try files.json("special_tokens_map.json")
    configuration = config.value
    let named = try Self.specialTokens(config, map)
    chatTemplates = try files.templates(config)
    let hasTokenizerJSON = FileReader.exists(path: path + "/tokenizer.json")
    addsBeginToken = hasTokenizerJSON ? nil : try config["add_bos_token"].optionalBool()
    addsEndToken = hasTokenizerJSON ? nil : try config["add_eos_token"].optionalBool()
    let llama = reading == .transformers ? try files.transformersLlama(config) : nil
    specialTokens = llama == nil ? named : named.merging(TransformersLlama.names) { old, _ in old }
    var parts = try files.tokenizer(encoding: encoding, cache: cache, llama)
    try ModelAddedTokens(
      config: config, map: map, added: try files.json("added_tokens.json"), named: specialTokens
    ).add(to: &parts)
    if addsBeginToken != nil || addsEndToken != nil {
      parts.postProcessor = Self.postProcessor(
        begin: addsBeginToken ?? false ? specialTokens["bos_token"] : nil,
        end: addsEndToken ?? false ? specialTokens["eos_token"] : nil, parts)
    }
    tokenizer = Tokenizer(parts)
    cleansUpSpaces = try config["clean_up_tokenization_spaces"].optionalBool()
    isLegacy = try config["legacy"].optionalBool()
    tokenizerClass =
      config["tokenizer_class"].isNull ? nil : try config["tokenizer_class"].string()
    var ends = try Self.identifiers(try files.json("generation_config.json")["eos_token_id"])
    if ends == nil { ends = try Self.identifiers(try files.json("config.json")["eos_token_id"]) }
    if ends == nil, let token = specialTokens["eos_token"] {
      ends = tokenizer.identifier(of: token.string).map { [$0] }
    }
    endTokenIDs = ends ?? []
  }

  /// The string of `bos_token`.
  public var beginToken: ExactString? { specialTokens["bos_token"] }
  /// The string of `eos_token`.
  public var endToken: ExactString? { specialTokens["eos_token"] }
  /// The string of `pad_token`.
  public var padToken: ExactString? { specialTokens["pad_token"] }
  /// The string of `unk_token`.
  public var unknownToken: ExactString? { specialTokens["unk_token"] }

  /// The source of a chat template.
  ///
  /// - Returns: nil where no template has the name.
  public func chatTemplate(named name: ExactString) -> ExactString? {
    chatTemplates.last { $0.name == name }?.source
  }

  /// As `_from_pretrained` does: the map counts only where the configuration lists no added tokens.
  private static func specialTokens(_ config: ComponentNode, _ map: ComponentNode)
    throws(TokenizerLoadingError) -> [ExactString: ExactString]
  {
    var result: [ExactString: ExactString] = [:]
    let listsTokens = config["added_tokens_decoder"].value.object != nil
    for node in listsTokens ? [config] : [config, map] {
      for (key, value) in node.value.object ?? JSONObject()
      where key.utf8.suffix(6).elementsEqual("_token".utf8) {
        let member = node[key.string]
        switch value {
        case .string(let token): result[key] = token
        case .object: result[key] = ExactString(try member["content"].string())
        case .null: result[key] = nil
        default: break
        }
      }
    }
    return result
  }

  /// As `update_post_processor` makes it: tokens around each text of a pair.
  private static func postProcessor(
    begin: ExactString?, end: ExactString?, _ parts: Tokenizer.Configuration
  ) -> PostProcessor {
    func special(_ content: ExactString?, _ typeID: UInt32) -> [TemplateProcessor.Piece] {
      guard let token = parts.addedTokens.last(where: { $0.content == content }) else { return [] }
      return [.special([token.id], typeID: typeID)]
    }
    func around(_ sequence: Int) -> [TemplateProcessor.Piece] {
      let typeID = UInt32(sequence)
      return special(begin, typeID) + [.sequence(sequence, typeID: typeID)] + special(end, typeID)
    }
    return .template(TemplateProcessor(single: around(0), pair: around(0) + around(1)))
  }

  private static func identifiers(_ node: ComponentNode) throws(TokenizerLoadingError)
    -> [TokenID]?
  {
    if node.isNull { return nil }
    guard node.value.array != nil else { return [TokenID(try node.count())] }
    var result: [TokenID] = []
    for element in try node.elements() { result.append(TokenID(try element.count())) }
    return result
  }
}
