// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// Puts a message together from what a machine has found, and reports what is new.
struct ResponseAssembler: Sendable {
  let program: ResponseProgram
  let tools: [Tool]
  /// How much of the input is the prompt's: it belongs to the message and is not reported.
  var promptCount = 0
  /// What has been reported since it was last taken.
  var events: [ResponseStream.Event] = []
  /// The calls that are complete, as they stand in a message, and the one that is open.
  var calls: [JSONValue] = []
  var openCall: ResponseCall?
  /// The end of what has been taken in of the open text.
  var shown: Int?
  /// Where the quotes stand in values in braces that are open.
  var quotes: [Range<Int>] = []
  /// The words that JSON objects of calls hold beside names and arguments.
  let ownWords: Set<ExactString>

  private var content: [UInt8] = []
  private var reasoning: [UInt8] = []
  /// White space before the first content, which counts if nothing else comes.
  private var leading: [UInt8] = []
  private var unparsed: [UInt8] = []
  private var stop: ExactString?
  /// Whether a call's values ended before their end.
  private var isBroken = false
  /// How much content there was before the open text, and what white space.
  private var before: (count: Int, leading: [UInt8])?

  init(_ program: ResponseProgram, tools: [Tool]) {
    self.program = program
    self.tools = tools
    ownWords = program.keys.reduce(into: ["function"]) { words, keys in
      words.formUnion(keys.name + keys.arguments + keys.identifier + keys.others)
    }
  }

  mutating func takeEvents() -> [ResponseStream.Event] {
    defer { events = [] }
    return events
  }

  // MARK: Entries

  /// Takes in what is certain.
  mutating func take(_ entry: ResponseLog.Entry, of input: [UInt8]) {
    switch entry {
    case .text(let number, let range): take(program.slots[number], range, of: input)
    case .arguments(let range, let isWhole):
      isBroken = isBroken || !isWhole
      show(arguments: range, of: input, isOpen: false)
    case .quote(let range): quotes.append(range)
    case .braces(let range, let isWhole):
      isBroken = isBroken || !isWhole
      take(braces: range, of: input)
    case .identifier(let range):
      withCall(at: range.lowerBound, of: input) { $0.identify(as: input[range]) }
    case .call(let range, let scan):
      isBroken = isBroken || !scan.isDone
      show(call: scan, range, of: input, isOpen: false)
      endCall(at: range.upperBound, of: input)
    case .beginCall(let offset):
      endCall(at: offset, of: input)
      openCall = ResponseCall(start: offset)
    case .endCall(let offset): endCall(at: offset, of: input)
    case .name(let number):
      let name = program.names[number]
      withCall(at: input.count, of: input, naming: true) { $0.name = name }
    case .argument(let number):
      let name = program.names[number]
      withCall(at: input.count, of: input) { $0.expect(name) }
    case .stop(let number, let start):
      endCall(at: start, of: input)
      stop = program.controls[number]
      events.append(.stopped(token: program.controls[number].string))
    case .rest(let range): keepUnparsed(input[range])
    }
  }

  private mutating func take(
    _ slot: ResponseGrammar.Slot, _ range: Range<Int>, of input: [UInt8]
  ) {
    defer {
      shown = nil
      before = nil
    }
    switch slot.target {
    case .content, .reasoning, .argumentValue: show(slot, range, of: input, isOpen: false)
    case .callName:
      let name = ExactString(input[range]).trimmed.unquoted
      withCall(at: range.lowerBound, of: input, naming: true) { $0.name = name }
    case .callIdentifier:
      withCall(at: range.lowerBound, of: input) { $0.identify(as: input[range]) }
    case .argumentName:
      withCall(at: range.lowerBound, of: input) { $0.expect(input[range]) }
    // It is part of what identifies the call.
    case .counter: break
    case .ignored, .unparsed: takeUnparsed(range, of: input)
    }
  }

  private mutating func takeUnparsed(_ range: Range<Int>, of input: [UInt8]) {
    if openCall == nil {
      keepUnparsed(input[range])
    } else {
      openCall?.unparsed += input[range]
    }
  }

  mutating func keepUnparsed(_ bytes: ArraySlice<UInt8>) {
    if !bytes.allSatisfy(ResponseMachine.isSpace) { unparsed += bytes }
  }

  // MARK: Text

  /// Takes in text of which more may come.
  mutating func show(
    _ slot: ResponseGrammar.Slot, _ range: Range<Int>, of input: [UInt8], isOpen: Bool
  ) {
    var kept = TextEdit.apply(slot.edits, to: input.span, range)
    if isOpen { kept = kept.lowerBound..<input.completeEnd(kept) }
    switch slot.target {
    case .content: showContent(kept, of: input, isOpen: isOpen)
    case .reasoning: showReasoning(kept, of: input)
    case .argumentValue: showArgument(slot, kept, of: input, isOpen: isOpen)
    default: break
    }
  }

  private mutating func showContent(_ range: Range<Int>, of input: [UInt8], isOpen: Bool) {
    if content.isEmpty, input[range].allSatisfy(ResponseMachine.isSpace) {
      if !isOpen { leading += input[range] }
      return
    }
    guard !range.isEmpty else { return }
    if shown == nil {
      endCall(at: range.lowerBound, of: input)
      before = (content.count, leading)
      if content.isEmpty {
        report(content: leading[...])
        leading = []
      }
      if content.needsBreak(before: input[range]) { report(content: [0x0A]) }
    }
    let (old, new) = unshown(range)
    content += input[old]
    report(content: input[new])
  }

  private mutating func showReasoning(_ range: Range<Int>, of input: [UInt8]) {
    if let (count, space) = before {
      // The mark behind it tells that it was no content.
      events.append(.contentWasReasoning(String(decoding: content[count...], as: UTF8.self)))
      content.removeLast(content.count - count)
      leading = space
      before = nil
      shown = nil
    }
    guard !range.isEmpty else { return }
    if shown == nil {
      endCall(at: range.lowerBound, of: input)
      if reasoning.needsBreak(before: input[range]) { report(reasoning: [0x0A]) }
    }
    let (old, new) = unshown(range)
    reasoning += input[old]
    report(reasoning: input[new])
  }

  /// What of a text has not been shown, as far as it is the prompt's, and as far as it is new.
  private mutating func unshown(_ range: Range<Int>) -> (prompt: Range<Int>, new: Range<Int>) {
    let start = min(max(range.lowerBound, shown ?? 0), range.upperBound)
    let split = min(max(start, promptCount), range.upperBound)
    shown = range.upperBound
    return (start..<split, split..<range.upperBound)
  }

  private mutating func report(content bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    content += bytes
    events.append(.content(String(decoding: bytes, as: UTF8.self)))
  }

  private mutating func report(reasoning bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    reasoning += bytes
    events.append(.reasoning(String(decoding: bytes, as: UTF8.self)))
  }

  // MARK: The end

  /// Takes the last entries in and closes what is open.
  mutating func finish(
    _ entries: [ResponseLog.Entry], of input: [UInt8], isWhole: Bool
  ) -> ParsedResponse {
    for (index, entry) in entries.enumerated() {
      if !isWhole, index == entries.count - 1, case .text(let number, let range) = entry,
        program.slots[number].target.isName
      {
        takeUnparsed(range, of: input)
      } else {
        take(entry, of: input)
      }
    }
    endCall(at: input.count, of: input)
    if calls.isEmpty, content.isEmpty { report(content: leading[...]) }
    return ParsedResponse(
      message: message, unparsed: unparsed.isEmpty ? nil : ExactString(unparsed),
      stop: stop, isTruncated: !isWhole || isBroken)
  }

  private var message: Message {
    var fields: JSONObject = ["role": .string(Role.assistant.rawValue)]
    if !reasoning.isEmpty { fields["reasoning_content"] = .string(ExactString(reasoning)) }
    fields["content"] = .string(ExactString(content))
    if !calls.isEmpty { fields["tool_calls"] = .array(calls) }
    return Message(fields: fields)
  }
}

extension ResponseGrammar.Slot.Target {
  /// Whether the text is a name, of which a part is worth nothing.
  fileprivate var isName: Bool {
    switch self {
    case .callName, .callIdentifier, .argumentName: true
    default: false
    }
  }
}
