// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import ChatTemplates
import OrderedJSON
import PromptEncoding
import PromptFixtures
import Synchronization
import TextPrimitives
import Tokenization
import TokenizerFormats

/// What fixtures refer to, loaded once and shared by all threads.
public final class FixtureInputs: Sendable {
  private struct State {
    var templates: [TemplateReference: Result<LoadedTemplate, InputError>] = [:]
    var tokenizers: [TokenizerReference: Result<LoadedTokenizer, InputError>] = [:]
    var requests: [String: Result<JSONObject, InputError>] = [:]
  }

  /// More conversations than this are not kept.
  private static let requestLimit = 512

  private let state = Mutex(State())

  /// Nothing is loaded yet.
  public init() {}

  func template(_ reference: TemplateReference) throws(InputError) -> LoadedTemplate {
    try state.withLock { state in
      if let known = state.templates[reference] { return known }
      let loaded = Result { () throws(InputError) in try LoadedTemplate(reference) }
      state.templates[reference] = loaded
      return loaded
    }.get()
  }

  func tokenizer(_ reference: TokenizerReference) throws(InputError) -> LoadedTokenizer {
    try state.withLock { state in
      if let known = state.tokenizers[reference] { return known }
      let loaded = Result { () throws(InputError) in try LoadedTokenizer(reference) }
      state.tokenizers[reference] = loaded
      return loaded
    }.get()
  }

  /// The request that a conversation's file holds.
  func request(file: String) throws(InputError) -> JSONObject {
    if let known = state.withLock({ $0.requests[file] }) { return try known.get() }
    let read = Result { () throws(InputError) in try Self.read(file) }
    state.withLock { state in
      if state.requests.count >= Self.requestLimit { state.requests.removeAll() }
      state.requests[file] = read
    }
    return try read.get()
  }

  private static func read(_ file: String) throws(InputError) -> JSONObject {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: try FileReader.bytes(path: file))
    } catch let error as FileError {
      throw InputError("\(error)")
    } catch {
      throw InputError("\(file):\(error)")
    }
    switch value {
    case .object(let object): return object
    case .array: return ["messages": value]
    default:
      throw InputError("\(file): expected messages or an object that has them")
    }
  }
}

/// Something that a fixture names and that cannot be loaded.
struct InputError: Error, Sendable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A template with what belongs to it.
struct LoadedTemplate: Sendable {
  let template: ChatTemplate
  /// The tokenizer and special tokens of a model's folder.
  let chat: ChatTokenizer?
  /// The folder's tokenizer.
  let tokenizer: LoadedTokenizer?
  private let kept = KeptDigest()

  /// The SHA-256 of the texts that the template is made from.
  var digest: String? {
    kept.value {
      SHA256.hexadecimal(of: Array(template.sources.map(\.text).joined(separator: "\0").utf8))
    }
  }

  init(_ reference: TemplateReference) throws(InputError) {
    do {
      switch reference {
      case .family(let name):
        (template, chat, tokenizer) = (try ChatTemplate(family: name), nil, nil)
      case .file(let path):
        (template, chat, tokenizer) = (try Self.template(file: path), nil, nil)
      case .model(let folder):
        let chat = try ChatTokenizer(modelDirectory: folder)
        template = chat.template
        self.chat = chat
        tokenizer = LoadedTokenizer(chat.tokenizer, file: folder)
      }
    } catch {
      throw InputError("\(error)")
    }
  }

  private static func template(file path: String) throws -> ChatTemplate {
    let isYAML = [".yaml", ".yml"].contains {
      path.utf8.suffix($0.utf8.count).elementsEqual($0.utf8)
    }
    if isYAML { return try ChatTemplate(contentsOf: path) }
    guard let text = ExactString(validating: try FileReader.bytes(path: path)) else {
      throw InputError("\(path): the file is not UTF-8; save it as UTF-8")
    }
    return try ChatTemplate(jinja: text.string, name: path)
  }
}

/// A tokenizer with its encoder and the file that it came from.
struct LoadedTokenizer: Sendable {
  let tokenizer: Tokenizer
  let encoder: PromptEncoder
  private let origin: TokenizerReference
  private let kept = KeptDigest()

  init(_ tokenizer: Tokenizer, file: String) {
    self.tokenizer = tokenizer
    encoder = PromptEncoder(tokenizer)
    origin = .file(file, encoding: nil)
  }

  init(_ reference: TokenizerReference) throws(InputError) {
    origin = reference
    do {
      switch reference {
      case .builtIn(let name):
        guard let vocabulary = BuiltInVocabulary(rawValue: name) else {
          let names = BuiltInVocabulary.allCases.map(\.rawValue).joined(separator: ", ")
          throw InputError("no built-in vocabulary is called '\(name)'; there are \(names)")
        }
        tokenizer = try Tokenizer(
          tokenizerJSON: vocabulary.tokenizerJSON, name: "built-in \(vocabulary.rawValue)")
      case .file(let path, let encoding):
        tokenizer = try Tokenizer(contentsOf: path, encoding: encoding)
      }
    } catch {
      throw InputError("\(error)")
    }
    encoder = PromptEncoder(tokenizer)
  }

  /// The SHA-256 of the tokenizer's file; nil where it is gone.
  ///
  /// - Complexity: Reads the file when it is first asked.
  var digest: String? { kept.value(madeBy: computedDigest) }

  private func computedDigest() -> String? {
    switch origin {
    case .builtIn(let name):
      return BuiltInVocabulary(rawValue: name).map { SHA256.hexadecimal(of: $0.tokenizerJSON) }
    case .file(let path, _):
      let file =
        FileReader.isDirectory(path: path) ? try? TokenizerFolder.file(in: path) : path
      return file.flatMap { try? FileReader.bytes(path: $0) }.map(SHA256.hexadecimal)
    }
  }
}

/// A digest that is computed once, when it is first asked for.
private final class KeptDigest: Sendable {
  private let state = Mutex<String??>(nil)

  func value(madeBy make: () -> String?) -> String? {
    state.withLock { state in
      if let known = state { return known }
      let made = make()
      state = .some(made)
      return made
    }
  }
}
