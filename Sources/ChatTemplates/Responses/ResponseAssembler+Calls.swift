// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// How calls are put together.
extension ResponseAssembler {
  /// Changes the open call; a call begins where there is none, or where it has a name already.
  mutating func withCall(
    at offset: Int, of input: [UInt8], naming: Bool = false, _ change: (inout ResponseCall) -> Void
  ) {
    if naming, openCall?.name != nil { endCall(at: offset, of: input) }
    var call = openCall.take() ?? ResponseCall(start: offset)
    change(&call)
    events += call.start(index: calls.count)
    openCall = call
  }

  /// Takes in a call's object of which more may come.
  mutating func show(call scan: JSONScan, _ range: Range<Int>, of input: [UInt8], isOpen: Bool) {
    if let source = openCall?.source, source != range.lowerBound {
      endCall(at: range.lowerBound, of: input)
    }
    withCall(at: range.lowerBound, of: input) { call in
      call.source = range.lowerBound
      if let name = scan.name { call.name = call.name ?? input.jsonText(name) }
      if let id = scan.identifier { call.id = input.jsonText(id) }
      if !isOpen { call.object = (range, scan) }
      guard let start = scan.argumentsStart else {
        if !isOpen { call.readWhole(input[range]) }
        return
      }
      let end = scan.argumentsEnd ?? range.upperBound
      call.arguments = start..<(isOpen ? input.completeEnd(start..<end) : end)
      if !isOpen, call.name == nil { call.readWhole(input[range]) }
    }
    reportArguments(of: input)
  }

  /// Takes in arguments of which more may come.
  mutating func show(arguments range: Range<Int>, of input: [UInt8], isOpen: Bool) {
    withCall(at: range.lowerBound, of: input) { call in
      if let other = call.arguments, other.lowerBound != range.lowerBound {
        call.unparsed += input[other]
        call.shown = 0
      }
      call.arguments = range.lowerBound..<(isOpen ? input.completeEnd(range) : range.upperBound)
    }
    reportArguments(of: input)
  }

  /// Takes in arguments in braces; their texts stand between quotes that are known by now.
  mutating func take(braces range: Range<Int>, of input: [UInt8]) {
    let reader = BraceReader(input, quotes: quotes)
    quotes = []
    withCall(at: range.lowerBound, of: input) { call in
      let (value, rest) = reader.read(range)
      call.unparsed += rest
      call.whole = ["arguments": value]
    }
  }

  private mutating func reportArguments(of input: [UInt8]) {
    guard let call = openCall, call.isStarted, let range = call.arguments else { return }
    let new = input[min(range.lowerBound + call.shown, range.upperBound)..<range.upperBound]
    openCall?.shown = range.count
    reportArguments(String(decoding: new, as: UTF8.self))
  }

  private mutating func reportArguments(_ text: String) {
    if !text.isEmpty { events.append(.callArguments(index: calls.count, text)) }
  }

  /// Takes in the value of a named argument.
  mutating func showArgument(
    _ slot: ResponseGrammar.Slot, _ range: Range<Int>, of input: [UInt8], isOpen: Bool
  ) {
    guard var call = openCall, let name = call.argumentName else {
      if !isOpen { keepUnparsed(input[range]) }
      return
    }
    let type = ArgumentType(of: name, in: call.name, tools, decodesJSON: slot.decodesJSON)
    let isText = type.isText
    guard isText || !isOpen else { return }
    // One owner, so that the arguments before this one are not copied.
    openCall = nil
    var text = ""
    if !call.isArgumentOpen {
      text = (call.members.isEmpty ? "{" : ", ") + name.json + ": " + (isText ? "\"" : "")
      call.isArgumentOpen = true
    }
    if isText {
      let new = input[min(max(range.lowerBound, shown ?? 0), range.upperBound)..<range.upperBound]
      shown = range.upperBound
      text += String(ExactString(String(decoding: new, as: UTF8.self)).json.dropFirst().dropLast())
      if !isOpen { text += "\"" }
    }
    if !isOpen {
      let value = type.value(of: input[range])
      if !isText { text += value.serialized() }
      call.add(value)
    }
    if call.isStarted { reportArguments(text) }
    openCall = call
  }

  /// Ends the open call, if there is one; without a name it is none.
  mutating func endCall(at offset: Int, of input: [UInt8]) {
    guard var call = openCall.take() else { return }
    guard call.name?.isEmpty == false else {
      let start = max(call.start, promptCount)
      if !call.isBare { keepUnparsed(input[start..<max(offset, start)]) }
      return
    }
    call.finish(input, ownWords)
    keepUnparsed(call.unparsed[...])
    let complete = call.call
    if call.whole != nil {
      reportArguments(complete.arguments.serialized())
    } else if call.arguments == nil {
      reportArguments(call.members.isEmpty ? "{}" : "}")
    }
    events.append(.callEnded(index: calls.count, id: call.id?.string))
    calls.append(complete.openAI(sharingKeysOf: calls.last))
  }
}
