// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
public import TextPrimitives

/// Takes a model's answer apart while it arrives.
///
/// ```swift
/// var stream = template.makeResponseStream(prompt: prompt)
/// for piece in pieces { for event in stream.feed(piece) { show(event) } }
/// for event in stream.finish() { show(event) }
/// stream.response.message
/// ```
///
/// However the answer is cut into pieces, the result is that of
/// ``ChatTemplate/parse(response:prompt:tools:)`` on the whole.
/// - Complexity: Linear in the answer, however it is cut.
public struct ResponseStream: Sendable {
  /// Something that has become certain.
  public enum Event: Sendable, Equatable {
    /// More of the reasoning.
    case reasoning(String)
    /// More of the answer.
    case content(String)
    /// This text, the last that was reported as content, turned out to be reasoning, as which it is
    /// reported again: the mark that closes reasoning came, and none had opened it.
    case contentWasReasoning(String)
    /// A call begins; `index` counts the calls of the answer from 0.
    case callStarted(index: Int, name: String, id: String?)
    /// More of a call's arguments, as JSON text.
    case callArguments(index: Int, String)
    /// A call is complete; `id` also where it came after the arguments.
    case callEnded(index: Int, id: String?)
    /// The token that ends the answer.
    case stopped(token: String)
  }

  /// What the answer holds: after ``finish()`` all of it, before that nothing.
  public private(set) var response: ParsedResponse
  private var machine: ResponseMachine?
  private var assembler: ResponseAssembler?
  /// What has come, where the template has no form.
  private var plain: [UInt8] = []
  private let stops: [ExactString]

  init(
    _ template: ChatTemplate, prompt: Prompt?, tools: [Tool], controlTokens: Set<ExactString>
  ) {
    response = ParsedResponse(message: Message(.assistant, ""), unparsed: nil)
    stops = prompt?.stopTokens ?? template.definition?.stop ?? []
    guard let definition = template.definition else { return }
    let program = definition.responses.program(of: definition)
    var machine = ResponseMachine(
      program, toolNames: tools.compactMap(\.name), tokenized: controlTokens)
    machine.readOpening(prompt?.opening ?? definition.plainOpening.map(OpeningPart.init))
    var assembler = ResponseAssembler(program, tools: tools)
    assembler.promptCount = machine.input.count
    self.machine = machine
    self.assembler = assembler
  }

  /// Takes the next piece of the answer.
  ///
  /// - Returns: What has become certain by it.
  public mutating func feed(_ piece: String) -> [Event] {
    feed(bytes: Array(piece.utf8))
  }

  /// Takes the next bytes of the answer, which may end within a character.
  ///
  /// - Returns: What has become certain by them.
  public mutating func feed(bytes: [UInt8]) -> [Event] {
    guard machine != nil else {
      plain += bytes
      return []
    }
    machine?.read(bytes)
    return settle()
  }

  /// Takes a control token that came as a token of its own.
  ///
  /// - Returns: What has become certain by it.
  public mutating func feed(control token: ExactString) -> [Event] {
    guard machine != nil else {
      plain += Array(token.utf8)
      return []
    }
    machine?.read(control: token)
    return settle()
  }

  /// Ends the answer; what was uncertain becomes certain.
  ///
  /// - Returns: The last events. ``response`` then holds the whole.
  public mutating func finish() -> [Event] {
    guard var machine, var assembler else {
      finishPlain()
      return response.content.isEmpty ? [] : [.content(response.content)]
    }
    let (entries, isWhole) = machine.finish()
    response = assembler.finish(entries, of: machine.input, isWhole: isWhole)
    let events = assembler.takeEvents()
    self.machine = machine
    self.assembler = assembler
    return events
  }

  /// All of an answer as content, without the token that ended it.
  private mutating func finishPlain() {
    var text = plain[...]
    for stop in stops where text.reversed().starts(with: stop.utf8.reversed()) {
      text = text.dropLast(stop.utf8.count)
      response.stop = stop
    }
    response.message = Message(.assistant, String(decoding: text, as: UTF8.self))
  }

  /// Takes in what all readings share.
  private mutating func settle() -> [Event] {
    guard let entries = machine?.takeCertain(), let machine else { return [] }
    for entry in entries { assembler?.take(entry, of: machine.input) }
    switch machine.openText {
    case .text(let slot, let range): assembler?.show(slot, range, of: machine.input, isOpen: true)
    case .arguments(let range):
      assembler?.show(arguments: range, of: machine.input, isOpen: true)
    case .call(let range, let scan):
      assembler?.show(call: scan, range, of: machine.input, isOpen: true)
    case nil: break
    }
    return assembler?.takeEvents() ?? []
  }
}

extension ChatTemplate {
  /// A reader of an answer that arrives in pieces.
  ///
  /// - Parameters:
  ///   - prompt: The prompt that the model was given.
  ///   - tools: The tools, whose schemas type arguments.
  ///   - controlTokens: The control tokens that will come through ``ResponseStream/feed(control:)``;
  ///     their spelling is plain text. Others are recognized by their spelling.
  /// - Returns: A stream that has read nothing yet.
  public func makeResponseStream(
    prompt: Prompt? = nil, tools: [Tool] = [], controlTokens: Set<ExactString> = []
  ) -> ResponseStream {
    ResponseStream(self, prompt: prompt, tools: tools, controlTokens: controlTokens)
  }
}

/// A piece of the turn that a prompt leaves open.
struct OpeningPart {
  var text: [UInt8]
  var isControl: Bool
  /// Whether the template wrote it, so that marks may be found in it.
  var isTrusted: Bool

  init(_ literal: Segment.Literal) {
    text = literal.text
    isControl = literal.isControl
    isTrusted = true
  }

  init(_ segment: PromptSegment, of prompt: Prompt) {
    text = Array(prompt.text(of: segment).utf8)
    isControl = segment.content == .control
    isTrusted = segment.isTrusted
  }
}

extension Prompt {
  /// The turn that the prompt leaves open.
  fileprivate var opening: [OpeningPart] {
    openTurn.map { OpeningPart($0, of: self) }
  }
}

extension ResponseMachine {
  /// Reads the turn that a prompt leaves open; where it has no form, the answer starts afresh.
  mutating func readOpening(_ parts: [OpeningPart]) {
    if !parts.isEmpty {
      for part in parts {
        if part.isControl {
          read(control: ExactString(part.text))
        } else {
          readsSpelling = part.isTrusted
          read(part.text)
        }
      }
      readsSpelling = true
      if readings.contains(where: \.hasStarted) { return }
    }
    restart(atTurn: false)
  }
}

extension ResponseMachine {
  /// A text or a value that goes on, as far as it is certain.
  enum OpenText {
    case text(ResponseGrammar.Slot, Range<Int>)
    case arguments(Range<Int>)
    case call(Range<Int>, JSONScan)
  }

  /// Takes out of the log what all readings share.
  mutating func takeCertain() -> [ResponseLog.Entry] {
    takeLog(upTo: log.common(readings.map(\.log)))
  }

  /// What all readings agree to be in, and how far.
  var openText: OpenText? {
    guard let first = readings.first, let view = view(of: first) else { return nil }
    var result = view
    for reading in readings.dropFirst() {
      guard let other = self.view(of: reading), let shared = result.shared(with: other, input)
      else { return nil }
      result = shared
    }
    return result
  }

  /// What a reading holds behind what all share.
  private func view(of reading: Reading) -> OpenText? {
    switch log.entry(afterTakenTowards: reading.log) {
    case .text(let slot, let range): return .text(program.slots[slot], range)
    case .arguments(let range, _): return .arguments(range)
    case .call(let range, let scan): return .call(range, scan)
    case .some: return nil
    case nil: break
    }
    let range = reading.start..<input.count
    switch program.states[reading.state].kind {
    case .text(let slot): return .text(program.slots[slot], range)
    case .arguments where !range.isEmpty: return .arguments(range)
    case .call where reading.trust >= ResponseProgram.certainMark && !range.isEmpty:
      return .call(range, reading.scan)
    default: return nil
    }
  }
}

extension ResponseMachine.OpenText {
  /// What two readings agree on.
  fileprivate func shared(with other: Self, _ input: [UInt8]) -> Self? {
    switch (self, other) {
    case (.text(let slot, let range), .text(let otherSlot, let otherRange)):
      guard slot.target == otherSlot.target, range.lowerBound == otherRange.lowerBound else {
        return nil
      }
      var shared = slot
      if slot.edits != otherSlot.edits {
        // Whether white space at the ends counts is open yet.
        guard let first = range.first, !ResponseMachine.isSpace(input[first]) else { return nil }
        shared.edits = [.trimEnd]
      }
      return .text(shared, range.shorter(otherRange))
    case (.arguments(let range), .arguments(let otherRange)):
      return range.lowerBound == otherRange.lowerBound ? .arguments(range.shorter(otherRange)) : nil
    case (.call(let range, let scan), .call(let otherRange, let otherScan)):
      guard range.lowerBound == otherRange.lowerBound else { return nil }
      return range.upperBound < otherRange.upperBound
        ? .call(range, scan) : .call(otherRange, otherScan)
    default: return nil
    }
  }
}

extension Range<Int> {
  fileprivate func shorter(_ other: Range<Int>) -> Range<Int> {
    upperBound < other.upperBound ? self : other
  }
}
