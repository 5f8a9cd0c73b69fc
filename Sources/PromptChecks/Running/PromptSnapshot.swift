// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import ChatTemplates
import OrderedJSON
public import PromptFixtures
import TextPrimitives

/// A conversation whose prompt is kept in a fixture file of one case.
public struct PromptSnapshot: Sendable {
  private let conversation: Conversation
  private let template: TemplateReference
  private let tokenizer: TokenizerReference?
  private let options: RenderOptions
  private let path: String
  private let depth: Int

  /// A snapshot.
  ///
  /// - Parameters:
  ///   - conversation: What is rendered.
  ///   - template: What renders it. Paths that are not absolute start `depth` folders above the
  ///     fixture's own.
  ///   - tokenizer: What encodes it, likewise.
  ///   - options: How it is rendered.
  ///   - path: The fixture file.
  ///   - depth: How many folders the fixture lies below the one that paths start from.
  public init(
    conversation: Conversation, template: TemplateReference, tokenizer: TokenizerReference?,
    options: RenderOptions, path: String, depth: Int = 0
  ) {
    self.conversation = conversation
    self.template = template
    self.tokenizer = tokenizer
    self.options = options
    self.path = path
    self.depth = depth
  }

  /// Why a test of this snapshot must fail, or nil where the prompt is the one on record.
  ///
  /// Where there is no record it is made, and where `isRecording` is set it is changed; both are
  /// failures, so that no test passes on what nobody has looked at.
  public func failure(isRecording: Bool = false) -> String? {
    do throws(FixtureError) {
      guard FileReader.exists(path: path) else {
        try record()
        return "recorded \(path); look at it and run again"
      }
      let recorded = try FixtureFile(path: path)
      guard let expected = recorded.cases.first, recorded.cases.count == 1 else {
        return "\(path) does not hold one case"
      }
      let asked = try FixtureFile(bytes: Array(text.utf8), path: path)
      guard let item = asked.cases.first?.expecting(expected) else { return nil }
      let verdict = CheckRunner().verdict(on: item, of: path)
      guard verdict.outcome != .passed else { return nil }
      if isRecording {
        try record()
        return "recorded \(path) again; look at what changed and run again\n"
          + verdict.report(isColored: false)
      }
      return "\(path):\(expected.line): the prompt is not the one on record\n"
        + verdict.report(isColored: false)
    } catch {
      return "\(error)"
    }
  }

  private func record() throws(FixtureError) {
    try write(Array(text.utf8))
    var runner = CheckRunner()
    runner.updates = true
    runner.program = "DialectTesting"
    let summary = runner.run([path]) { _ in }
    if let error = summary.errors.first { throw error }
  }

  private func write(_ bytes: [UInt8]) throws(FixtureError) {
    do {
      try FileWriter.makeFolder(ofFile: path)
      try FileWriter.replace(path: path, with: bytes)
    } catch {
      throw FixtureError(unwritable: path, error.message)
    }
  }

  // MARK: The file

  /// The fixture without a record.
  private var text: String {
    var lines = ["format: \"\(FixtureFile.format)\"", "name: \(quoted(name))"]
    lines.append("template: {\(entry(template))}")
    if let tokenizer { lines.append("tokenizer: {\(entry(tokenizer))}") }
    let options = options.request
    if !options.isEmpty { lines.append("options: \(inline(.object(options)))") }
    lines.append("conversation:")
    lines.append("  messages:")
    for message in conversation.messages {
      lines.append("    - \(inline(.object(message.fields)))")
    }
    if let tools = conversation.tools {
      lines.append("  tools: \(inline(.array(tools.map(\.definition))))")
    }
    if let documents = conversation.documents {
      lines.append("  documents: \(inline(.array(documents)))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var name: String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.split(separator: ".").first.map(String.init) ?? file
  }

  private func entry(_ template: TemplateReference) -> String {
    switch template {
    case .family(let name): "family: \(quoted(name))"
    case .file(let path): "file: \(quoted(relative(path)))"
    case .model(let path): "model: \(quoted(relative(path)))"
    }
  }

  private func entry(_ tokenizer: TokenizerReference) -> String {
    switch tokenizer {
    case .builtIn(let name): "built_in: \(quoted(name))"
    case .file(let path, let encoding):
      "file: \(quoted(relative(path)))" + (encoding.map { ", encoding: \(quoted($0))" } ?? "")
    }
  }

  private func relative(_ path: String) -> String {
    path.utf8.first == UInt8(ascii: "/")
      ? path : String(repeating: "../", count: max(0, depth)) + path
  }

  private func quoted(_ text: String) -> String { FixtureText.quoted(ExactString(text)) }

  private func inline(_ value: JSONValue) -> String { FixtureText.inline(value) }
}

extension RenderOptions {
  /// The options that are not the default, by transformers' names.
  fileprivate var request: JSONObject {
    var request: JSONObject = [:]
    if addGenerationPrompt { request["add_generation_prompt"] = true }
    if let field = continueFinalMessage.field { request["continue_final_message"] = .string(field) }
    if let tools { request["tools"] = .array(tools.map(\.definition)) }
    if let documents { request["documents"] = .array(documents) }
    if !arguments.isEmpty { request["kwargs"] = .object(arguments) }
    if let now { request["now"] = .string(ExactString(now.iso8601)) }
    if let bosToken { request["bos_token"] = .string(bosToken) }
    if let eosToken { request["eos_token"] = .string(eosToken) }
    if let chatTemplate { request["chat_template"] = .string(chatTemplate) }
    if keepsNulls { request["keep_nulls"] = true }
    if toolArguments != .asSent {
      request["tool_arguments"] = .string(ExactString(toolArguments.rawValue))
    }
    if isStrict { request["strict"] = true }
    return request
  }
}
