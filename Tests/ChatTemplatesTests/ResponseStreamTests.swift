// SPDX-License-Identifier: Apache-2.0

import ChatTemplates
import Glibc
import OrderedJSON
import Testing
import TextPrimitives

@Suite("Taking answers apart while they arrive") struct ResponseStreamTests {
  /// What the events of a stream add up to.
  struct Shown: Equatable {
    var reasoning = ""
    var content = ""
    var calls: [(name: String, arguments: String, isEnded: Bool)] = []

    mutating func add(_ event: ResponseStream.Event) {
      switch event {
      case .reasoning(let text): reasoning += text
      case .content(let text): content += text
      case .contentWasReasoning(let text):
        #expect(content.utf8.reversed().starts(with: text.utf8.reversed()))
        content = String(decoding: content.utf8.dropLast(text.utf8.count), as: UTF8.self)
      case .callStarted(let index, let name, _):
        #expect(index == calls.count)
        calls.append((name, "", false))
      case .callArguments(let index, let text):
        #expect(index == calls.count - 1)
        calls[index].arguments += text
      case .callEnded(let index, _):
        #expect(index == calls.count - 1)
        calls[index].isEnded = true
      case .stopped: break
      }
    }

    static func == (left: Shown, right: Shown) -> Bool {
      left.reasoning == right.reasoning && left.content == right.content
        && left.calls.elementsEqual(right.calls) { $0 == $1 }
    }
  }

  /// Feeds bytes in pieces of random length, and adds up what is shown.
  private func stream(
    _ template: ChatTemplate, _ answer: String, tools: [Tool] = [], longest: Int,
    _ random: inout some RandomNumberGenerator
  ) -> (Shown, ParsedResponse) {
    var stream = template.makeResponseStream(tools: tools)
    var shown = Shown()
    var bytes = Array(answer.utf8)[...]
    while !bytes.isEmpty {
      let piece = bytes.prefix(Int.random(in: 1...longest, using: &random))
      bytes = bytes.dropFirst(piece.count)
      for event in stream.feed(bytes: Array(piece)) { shown.add(event) }
    }
    for event in stream.finish() { shown.add(event) }
    return (shown, stream.response)
  }

  private static let pieces = [
    "<think>", "</think>", "<tool_call>", "</tool_call>", "{\"name\": \"w\", ", "\"", "}", "{",
    "\n", "\n\n", "x", " ", "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "\"arguments\": {\"a\": 1}",
    "é", "[{\"name\": \"w\", \"arguments\": {}}]", "<|channel|>", "analysis", "final",
    "<|message|>",
    "<|end|>", "<|start|>assistant", "<arg_key>a</arg_key>", "<arg_value>1</arg_value>", "words",
    "<function=f>", "<parameter=p>", "</parameter>", "</function>", "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>functions.f:0", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "🚀",
  ]

  @Test func `any pieces give the same message, and what was shown adds up to it`() throws {
    var random = SystemRandomNumberGenerator()
    for family in ChatTemplate.familyNames {
      let template = try ChatTemplate(family: family)
      for round in 0..<8 {
        var text = (0..<Int.random(in: 0..<30, using: &random))
          .compactMap { _ in Self.pieces.randomElement(using: &random) }.joined()
        if round % 4 == 0 { text += "<|im_end|>" }
        let whole = template.parse(response: text)
        for longest in [1, 3, 50] {
          let (shown, result) = stream(template, text, longest: longest, &random)
          #expect(result == whole, "\(family): \(text.debugDescription)")
          if template.information?.variant == .base { continue }
          check(shown, whole, "\(family): \(text.debugDescription)")
        }
      }
    }
  }

  private func check(_ shown: Shown, _ whole: ParsedResponse, _ note: String) {
    #expect(shown.content == whole.content, "\(note)")
    #expect(shown.reasoning == whole.message.reasoning?.string ?? "", "\(note)")
    #expect(shown.calls.map(\.name) == whole.message.toolCalls.map(\.name.string), "\(note)")
    #expect(!shown.calls.contains { !$0.isEnded }, "\(note)")
    for (call, parsed) in zip(shown.calls, whole.message.toolCalls) {
      guard let value = try? JSONValue(parsing: call.arguments), case .object = value else {
        continue
      }
      #expect(value == parsed.arguments, "\(note)")
    }
  }

  /// Answers that keep several readings open for long, or hold many calls.
  private static let endless = [
    "[\(String(repeating: "w(a=\"x\", b=1), ", count: 64))w()]",
    String(
      repeating: "<tool_call>\n{\"name\": \"w\", \"arguments\": {}}\n</tool_call>\n", count: 24),
    "[TOOL_CALLS][\(String(repeating: "{\"name\": \"w\", \"arguments\": {}}, ", count: 32))]",
    "<tool_call>\n{\"name\": \"w\", \"arguments\": {\"a\": \"\(String(repeating: "x\\\" ", count: 256))\"}}",
    String(repeating: "<<<[[[{{{", count: 100), String(repeating: "<tool_call", count: 100),
  ]

  /// What this thread has had of the processor: other tests run beside it.
  private static var threadSeconds: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  @Test func `an answer eight times as long takes no more than linear time`() throws {
    func seconds(_ template: ChatTemplate, _ answer: [UInt8]) -> Double {
      (0..<2).map { _ in
        let start = Self.threadSeconds
        var stream = template.makeResponseStream()
        var rest = answer[...]
        while !rest.isEmpty {
          _ = stream.feed(bytes: Array(rest.prefix(16)))
          rest = rest.dropFirst(16)
        }
        _ = stream.finish()
        return Self.threadSeconds - start
      }.min() ?? 0
    }
    for family in ["qwen3", "llama-4-models", "mistral-v3", "gpt-oss"] {
      let template = try ChatTemplate(family: family)
      for piece in Self.endless {
        let short = seconds(template, Array(piece.utf8))
        let long = seconds(template, Array(String(repeating: piece, count: 8).utf8))
        // Quadratic time would be 64 times as much.
        #expect(long < 32 * short + 0.002, "\(family): \(piece.prefix(30)) \(short) \(long)")
      }
    }
  }

  @Test func `what is certain is shown at once`() throws {
    let qwen = try ChatTemplate(family: "qwen3")
    var stream = qwen.makeResponseStream()
    #expect(stream.feed("<think>\nHm") == [.reasoning("Hm")])
    #expect(stream.feed("?\n</thi") == [.reasoning("?")])
    #expect(stream.feed("nk>\n\nLet") == [.content("Let")])
    #expect(stream.feed(" me see.\n") == [.content(" me see.")])
    #expect(
      stream.feed("<tool_call>\n{\"name\": \"w\"") == [
        .callStarted(index: 0, name: "w", id: nil)
      ])
    #expect(
      stream.feed(", \"arguments\": {\"city\": \"Os") == [
        .callArguments(index: 0, "{\"city\": \"Os")
      ])
    #expect(
      stream.feed("lo\"}}\n</tool_call>") == [
        .callArguments(index: 0, "lo\"}"), .callEnded(index: 0, id: nil),
      ])
    #expect(stream.feed("<|im_end|>") == [.stopped(token: "<|im_end|>")])
    #expect(stream.finish() == [])
    #expect(stream.response.content == "Let me see." && !stream.response.isTruncated)
  }
}
