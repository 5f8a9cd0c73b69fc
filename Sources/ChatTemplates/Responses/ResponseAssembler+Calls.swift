// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// How calls are put together.
extension ResponseAssembler {
  /// Changes the open call; a call begins where there is none, or where it has a name already.
  mutating func withCall(
    at offset: Int, of input: [UInt8], naming: Bool = false, _ change: (inout ResponseCall) -> Void
  ) {
    if let last = calls.last, !last.isEnded, naming, last.name != nil {
      endCall(at: offset, of: input)
    }
    if calls.last?.isEnded ?? true { calls.append(ResponseCall(start: offset)) }
    let last = calls.count - 1
    change(&calls[last])
    events += calls[last].start(index: last)
  }

  /// Takes in a call's object of which more may come.
  mutating func show(call scan: JSONScan, _ range: Range<Int>, of input: [UInt8], isOpen: Bool) {
    if let last = calls.last, last.isEnded || last.source != nil && last.source != range.lowerBound
    {
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
    guard let last = calls.indices.last, calls[last].isStarted,
      let range = calls[last].arguments
    else { return }
    let new = input[min(range.lowerBound + calls[last].shown, range.upperBound)..<range.upperBound]
    calls[last].shown = range.count
    reportArguments(String(decoding: new, as: UTF8.self))
  }

  private mutating func reportArguments(_ text: String) {
    if !text.isEmpty { events.append(.callArguments(index: calls.count - 1, text)) }
  }

  /// Takes in the value of a named argument.
  mutating func showArgument(
    _ slot: ResponseGrammar.Slot, _ range: Range<Int>, of input: [UInt8], isOpen: Bool
  ) {
    guard let last = calls.indices.last, !calls[last].isEnded,
      let name = calls[last].argumentName
    else {
      if !isOpen { keepUnparsed(input[range]) }
      return
    }
    let type = ArgumentType(of: name, in: calls[last].name, tools, decodesJSON: slot.decodesJSON)
    let isText = type.isText
    guard isText || !isOpen else { return }
    var text = ""
    if !calls[last].isArgumentOpen {
      text = (calls[last].members.isEmpty ? "{" : ", ") + name.json + ": " + (isText ? "\"" : "")
      calls[last].isArgumentOpen = true
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
      calls[last].add(value)
    }
    if calls[last].isStarted { reportArguments(text) }
  }

  /// Ends the open call, if there is one; without a name it is none.
  mutating func endCall(at offset: Int, of input: [UInt8]) {
    guard let last = calls.indices.last, !calls[last].isEnded else { return }
    guard calls[last].name?.isEmpty == false else {
      let start = max(calls[last].start, promptCount)
      if !calls[last].isBare { keepUnparsed(input[start..<max(offset, start)]) }
      calls.removeLast()
      return
    }
    calls[last].isEnded = true
    calls[last].finish(input, ownWords)
    keepUnparsed(calls[last].unparsed[...])
    if calls[last].whole != nil {
      reportArguments(calls[last].call.arguments.serialized())
    } else if calls[last].arguments == nil {
      reportArguments(calls[last].members.isEmpty ? "{}" : "}")
    }
    events.append(.callEnded(index: calls.count - 1, id: calls[last].id?.string))
  }
}
