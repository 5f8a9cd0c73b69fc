// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import OrderedJSON
import PromptEncoding
import PromptFixtures
import TextPrimitives
import Tokenization

/// What a case's conversation becomes now.
struct CaseRun {
  /// What came of it: a prompt, or a refusal with its words.
  enum Outcome {
    case rendered(Prompt, EncodedPrompt?)
    case refused(words: String, report: String)
  }

  /// The clock of cases that name none, so that no prompt changes over night.
  static let frozenClock = CivilTime(year: 2026, month: 1, day: 15)

  let template: LoadedTemplate
  let tokenizer: LoadedTokenizer?
  let outcome: Outcome
  /// What the case's response is taken apart into.
  let message: JSONObject?

  /// Runs a case.
  ///
  /// - Throws: ``InputError`` where something that the case names cannot be loaded; that a
  ///   conversation is refused is an outcome.
  init(_ item: FixtureCase, _ inputs: FixtureInputs) throws(InputError) {
    template = try inputs.template(item.template)
    if let reference = item.tokenizer {
      tokenizer = try inputs.tokenizer(reference)
    } else {
      tokenizer = template.tokenizer
    }
    var request: JSONObject
    switch item.conversation {
    case .inline(let object): request = object
    case .file(let file): request = try inputs.request(file: file)
    }
    for (key, value) in item.options { request[key] = value }
    (outcome, message) = Self.result(of: item, request, template, tokenizer)
  }

  private static func result(
    of item: FixtureCase, _ request: JSONObject, _ template: LoadedTemplate,
    _ tokenizer: LoadedTokenizer?
  ) -> (Outcome, JSONObject?) {
    do {
      let (conversation, options) = try read(request, template)
      let prompt = try template.template.render(conversation, options: options)
      let encoded = try tokenizer?.encoder.encode(
        prompt, trustText: request["trust_text"]?.bool ?? false)
      let message = try item.response.map {
        try parse($0, conversation, options, template.template)
      }
      return (.rendered(prompt, encoded), message)
    } catch {
      return (.refused(words: words(of: error), report: "\(error)"), nil)
    }
  }

  private static func read(_ request: JSONObject, _ template: LoadedTemplate) throws
    -> (Conversation, RenderOptions)
  {
    var (conversation, options) = try ChatRequest.read(request)
    options.now = options.now ?? frozenClock
    options.isStrict = request["strict"]?.bool ?? false
    options.bosToken = options.bosToken ?? template.chat?.bosToken
    options.eosToken = options.eosToken ?? template.chat?.eosToken
    return (conversation, options)
  }

  private static func parse(
    _ response: ExactString, _ conversation: Conversation, _ options: RenderOptions,
    _ template: ChatTemplate
  ) throws -> JSONObject {
    var options = options
    options.addGenerationPrompt = options.continueFinalMessage.field == nil
    let prompt = try template.render(conversation, options: options)
    return template.parse(
      response: response.string, prompt: prompt,
      tools: options.tools ?? conversation.tools ?? []
    ).message.fields
  }

  private static func words(of error: any Error) -> String {
    switch error {
    case let error as ChatTemplateError: return error.text
    case let error as PromptEncodingError:
      if case .template(let inner) = error.kind { return inner.text }
      return error.description
    default: return "\(error)"
    }
  }
}

extension CaseRun {
  /// Longer texts and longer lists of ids are recorded by their digest.
  private static let limits = (text: 2048, ids: 256)

  /// What to record: the parts that were recorded before, or all that there are.
  func expectation(like old: RecordedPrompt) -> RecordedPrompt {
    var result = RecordedPrompt()
    switch outcome {
    case .refused(let words, _):
      result.error = old.error == .any ? .any : .saying(ExactString(words))
    case .rendered(let prompt, let encoded):
      var kept = old
      kept.error = nil
      let all = kept.isEmpty
      if all || old.text != nil {
        result.text = Recorded(
          ExactString(prompt.text), limit: Self.limit(old.text, Self.limits.text))
      }
      if all || old.stop != nil { result.stop = prompt.stopTokens }
      if let encoded {
        if all || old.ids != nil {
          result.ids = Recorded(encoded.ids, limit: Self.limit(old.ids, Self.limits.ids))
        }
        if all || old.layout != nil { result.layout = encoded.turnRanges }
        if all || old.mask != nil { result.mask = encoded.maskRanges }
      }
      if all || old.message != nil { result.message = message }
    }
    return result
  }

  /// What was recorded whole stays whole.
  private static func limit<Value>(_ old: Recorded<Value>?, _ limit: Int) -> Int {
    if case .whole = old { .max } else { limit }
  }

  /// What the run was made with.
  func recordedInputs(program: String) -> RecordedInputs {
    RecordedInputs(
      program: program, template: template.digest, tokenizer: tokenizer?.digest)
  }
}

extension EncodedPrompt {
  /// The runs of tokens of one role and message.
  var turnRanges: [TurnRange] {
    var ranges: [TurnRange] = []
    for (index, token) in layout.enumerated() {
      if let last = ranges.last, last.role == token.role, last.message == token.message {
        ranges[ranges.count - 1].tokens = last.tokens.lowerBound..<index + 1
      } else {
        ranges.append(
          TurnRange(role: token.role, message: token.message, tokens: index..<index + 1))
      }
    }
    return ranges
  }

  /// The runs of tokens that the model wrote.
  var maskRanges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, token) in layout.enumerated() where token.author == .model {
      if let last = ranges.last, last.upperBound == index {
        ranges[ranges.count - 1] = last.lowerBound..<index + 1
      } else {
        ranges.append(index..<index + 1)
      }
    }
    return ranges
  }
}
