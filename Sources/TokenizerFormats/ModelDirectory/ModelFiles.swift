// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextPrimitives
import Tokenization

/// The files of a model's folder, each of which may be absent.
struct ModelFiles {
  let folder: String

  /// The content of a JSON file; null where there is none.
  func json(_ name: String) throws(TokenizerLoadingError) -> ComponentNode {
    let file = "\(folder)/\(name)"
    guard let bytes = try bytes(file) else {
      return ComponentNode(value: .null, path: "", file: file)
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw TokenizerLoadingError(
        .malformed, file: file, place: .position(error.position), error.message)
    }
    guard value.object != nil else {
      throw TokenizerLoadingError(
        .malformed, file: file, "expected an object, found \(value.kindName)")
    }
    return ComponentNode(value: value, path: "", file: file)
  }

  /// The parts of the folder's tokenizer, as its file has them or as transformers' class does.
  func tokenizer(encoding: String?, cache: TokenizerCache?, _ llama: TransformersLlama?)
    throws(TokenizerLoadingError) -> Tokenizer.Configuration
  {
    let model = "\(folder)/tokenizer.model"
    if let llama, !FileReader.exists(path: "\(folder)/tokenizer.json"),
      let bytes = try bytes(model), SentencePieceFormat.recognizes(bytes)
    {
      return try llama.configuration(
        of: try SentencePieceModel(parsing: bytes, file: model), file: model)
    }
    var configuration = try Tokenizer(
      contentsOf: folder, encoding: encoding, cache: cache
    ).configuration
    llama?.rebuild(&configuration)
    return configuration
  }

  /// Whether transformers reads the folder with its LlamaTokenizer, and with which flags.
  func transformersLlama(_ config: ComponentNode) throws(TokenizerLoadingError)
    -> TransformersLlama?
  {
    let bytes = try bytes("\(folder)/tokenizer.json") ?? []
    return try TransformersLlama(
      config: config, modelConfig: try json("config.json"),
      isByteLevel: ByteSearch.contains("\"ByteLevel\"", in: bytes))
  }

  private func bytes(_ file: String) throws(TokenizerLoadingError) -> [UInt8]? {
    guard FileReader.exists(path: file) else { return nil }
    do throws(FileError) {
      return try FileReader.bytes(path: file)
    } catch {
      throw TokenizerLoadingError(.unreadable, file: file, error.message)
    }
  }

  private func text(_ name: String) throws(TokenizerLoadingError) -> ExactString? {
    let file = "\(folder)/\(name)"
    guard let bytes = try bytes(file) else { return nil }
    guard let text = ExactString(validating: bytes) else {
      throw TokenizerLoadingError(
        .malformed, file: file, "the file is not UTF-8", hint: "save it as UTF-8")
    }
    return text
  }

  /// The chat templates: files of their own replace whatever the configuration holds.
  func templates(_ config: ComponentNode) throws(TokenizerLoadingError)
    -> [ModelDirectory.NamedTemplate]
  {
    var templates: [ModelDirectory.NamedTemplate] = []
    func add(_ name: String, _ file: String) throws(TokenizerLoadingError) {
      guard let source = try text(file) else { return }
      templates.append(.init(name: ExactString(name), source: source, file: "\(folder)/\(file)"))
    }
    try add("default", "chat_template.jinja")
    let more = "additional_chat_templates"
    for name in FileReader.names(inFolder: "\(folder)/\(more)") {
      guard name.utf8.count > 6, name.utf8.suffix(6).elementsEqual(".jinja".utf8) else { continue }
      try add(String(name.dropLast(6)), "\(more)/\(name)")
    }
    if !templates.isEmpty { return templates }
    let own = try Self.templates(config["chat_template"])
    return try own.isEmpty ? Self.templates(json("chat_template.json")["chat_template"]) : own
  }

  /// One template, or a list of names and templates.
  private static func templates(_ node: ComponentNode) throws(TokenizerLoadingError)
    -> [ModelDirectory.NamedTemplate]
  {
    if node.isNull { return [] }
    if let source = node.value.string {
      return [.init(name: "default", source: source, file: node.file)]
    }
    var templates: [ModelDirectory.NamedTemplate] = []
    for entry in try node.elements() {
      templates.append(
        .init(
          name: ExactString(try entry["name"].string()),
          source: ExactString(try entry["template"].string()), file: node.file))
    }
    return templates
  }
}

/// Looks for a text in bytes.
private enum ByteSearch {
  static func contains(_ text: StaticString, in bytes: [UInt8]) -> Bool {
    let wanted = Array("\(text)".utf8)
    return bytes.indices.contains { bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted) }
  }
}

extension ComponentNode {
  /// True, false, or nil where there is nothing.
  func optionalBool() throws(TokenizerLoadingError) -> Bool? {
    isNull ? nil : try bool()
  }
}
