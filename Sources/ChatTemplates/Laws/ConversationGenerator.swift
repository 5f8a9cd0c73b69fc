// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
public import TextPrimitives

/// Makes up conversations that templates find hard, the same ones for the same seed.
///
/// Among them: control tokens whole and in halves, empty and null content, calls with text, a late
/// system message, carriage returns, combining marks, spaces at the ends, very long text, lists of
/// parts, roles out of order.
public struct ConversationGenerator: Sendable {
  private var random: SplitMix64
  private let marks: [ExactString]

  /// A generator.
  ///
  /// - Parameters:
  ///   - seed: The same seed gives the same conversations.
  ///   - marks: Control tokens that callers' text shall hold.
  public init(seed: UInt64, marks: [ExactString] = []) {
    random = SplitMix64(state: seed)
    self.marks =
      marks.isEmpty
      ? ["<|im_end|>", "<|eot_id|>", "[INST]", "</s>", "<end_of_turn>", "<|end|>"] : marks
  }

  /// The next conversation.
  public mutating func next() -> LawSubject {
    var conversation = Conversation([])
    if chance(3) { conversation.messages.append(message("system")) }
    if chance(3) { conversation.tools = [Self.tool] }
    for _ in 0..<random.below(4) + 1 { appendExchange(to: &conversation) }
    if chance(3) { conversation.messages.append(message("user")) }
    if chance(8) { disturb(&conversation) }
    var options = RenderOptions(now: CivilTime(year: 2026, month: 1, day: 15))
    options.addGenerationPrompt = conversation.messages.last?.role != .assistant && chance(2)
    return LawSubject(conversation, options: options)
  }

  // MARK: Messages

  private mutating func appendExchange(to conversation: inout Conversation) {
    conversation.messages.append(message("user"))
    if conversation.tools != nil, chance(2) { appendCall(to: &conversation) }
    var answer = message("assistant")
    if chance(4) { answer.fields["reasoning_content"] = .string(ExactString(text())) }
    conversation.messages.append(answer)
  }

  private mutating func appendCall(to conversation: inout Conversation) {
    let count = chance(4) ? 2 : 1
    var calls: [JSONValue] = []
    for _ in 0..<count { calls.append(call()) }
    var asking: JSONObject = ["role": "assistant"]
    // No content is what most callers send with a call; text beside it is what some models write.
    if chance(3) { asking["content"] = .string(ExactString(text())) }
    if asking["content"] == nil { asking["content"] = chance(2) ? "" : .null }
    asking["tool_calls"] = .array(calls)
    conversation.messages.append(Message(fields: asking))
    for call in calls {
      conversation.messages.append(
        Message(fields: [
          "role": "tool", "tool_call_id": call["id"] ?? "", "name": "get_weather",
          "content": chance(3) ? "{\"degrees\": 21.5}" : .string(ExactString(text())),
        ]))
    }
  }

  private mutating func call() -> JSONValue {
    var arguments: JSONObject = ["city": .string(ExactString(text()))]
    if chance(2) { arguments["days"] = .integer(random.below(10)) }
    if chance(4) { arguments["nested"] = ["on": true, "list": [1, 2.5, .null]] }
    return [
      "id": .string(ExactString("call" + String(10_000 + random.below(90_000)))),
      "type": "function",
      "function": ["name": "get_weather", "arguments": .object(arguments)],
    ]
  }

  private mutating func message(_ role: ExactString) -> Message {
    var content: JSONValue = .string(ExactString(text()))
    if role == "user", chance(6) { content = parts() }
    return Message(fields: ["role": .string(role), "content": content])
  }

  /// A text in parts, sometimes with a control token across two of them.
  private mutating func parts() -> JSONValue {
    var texts = [text(), text()]
    if chance(2), let mark = marks.randomElement(using: &random)?.string {
      let half = mark.unicodeScalars.count / 2
      texts[0] += String(String.UnicodeScalarView(mark.unicodeScalars.prefix(half)))
      texts[1] = String(String.UnicodeScalarView(mark.unicodeScalars.dropFirst(half))) + texts[1]
    }
    return .array(texts.map { ["type": "text", "text": .string(ExactString($0))] })
  }

  /// Breaks the order that most templates expect.
  private mutating func disturb(_ conversation: inout Conversation) {
    let place = random.below(conversation.messages.count)
    switch random.below(5) {
    case 0: conversation.messages.insert(message("system"), at: place)
    case 1: conversation.messages.insert(message("user"), at: place)
    case 2: conversation.messages[place].fields["content"] = .null
    case 3: conversation.messages[place].fields["content"] = nil
    default: conversation.messages.insert(message("narrator"), at: place)
    }
  }

  // MARK: Text

  private mutating func text() -> String {
    switch random.below(14) {
    case 0: return ""
    case 1: return " \n "
    case 2: return "ends with spaces  "
    case 3: return "\n\nstarts with lines"
    case 4: return "one\r\ntwo\r\n\r\nthree"
    case 5: return "e\u{301}a\u{308}\u{323} \u{1F468}\u{200D}\u{1F469} \u{FEFF}x"
    case 6, 7: return "before " + (marks.randomElement(using: &random)?.string ?? "") + " after"
    case 8:
      let mark = marks.randomElement(using: &random)?.string ?? ""
      return String(String.UnicodeScalarView(mark.unicodeScalars.dropLast()))
    case 9: return "{\"a\": [1, \"\\n\"]} <b>&amp;</b> {{ x }} {% y %} 'q' \"q\""
    case 10 where chance(4): return String(repeating: "A long line of text. ", count: 1000)
    case 10: return "line one\n\nline two\n"
    default: return "Question number \(random.below(1000))."
    }
  }

  /// True once in so many times.
  private mutating func chance(_ times: Int) -> Bool { random.below(times) == 0 }

  private static let tool = Tool(definition: [
    "type": "function",
    "function": [
      "name": "get_weather", "description": "Tells the weather.",
      "parameters": [
        "type": "object",
        "properties": [
          "city": ["type": "string", "description": "The city."], "days": ["type": "integer"],
        ],
        "required": ["city"],
      ],
    ],
  ])
}

/// A small random generator whose numbers follow from its seed alone (Steele, Lea and Flood's
/// SplitMix64).
struct SplitMix64: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to one less than the count.
  mutating func below(_ count: Int) -> Int {
    Int(next() % UInt64(max(1, count)))
  }
}
