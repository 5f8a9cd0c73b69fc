// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// A call that is being put together.
struct ResponseCall: Sendable {
  /// Where it starts in the input.
  let start: Int
  var name: ExactString?
  var id: ExactString?
  /// Where the JSON text of the arguments stands, and how much of it has been reported.
  var arguments: Range<Int>?
  var shown = 0
  /// Where the call's JSON object starts.
  var source: Int?
  /// The call's object, where its parts could only be told apart with the whole at hand.
  var whole: JSONObject?
  /// Arguments that come one by one.
  private(set) var members: JSONObject = [:]
  private(set) var argumentName: ExactString?
  var isArgumentOpen = false
  /// The name's text in the answer, where it stands there.
  private var argumentSource: [UInt8] = []
  /// The call's JSON object, once it is complete.
  var object: (range: Range<Int>, scan: JSONScan)?
  /// What of it follows no form.
  var unparsed: [UInt8] = []
  private(set) var isStarted = false
  private var value: JSONValue?

  init(start: Int) {
    self.start = start
  }

  /// Whether nothing but marks has been read of it.
  var isBare: Bool {
    id == nil && arguments == nil && source == nil && whole == nil && members.isEmpty
      && argumentSource.isEmpty && unparsed.isEmpty
  }

  /// Reports the start, once, as soon as there is a name.
  mutating func start(index: Int) -> [ResponseStream.Event] {
    guard !isStarted, let name, !name.isEmpty else { return [] }
    isStarted = true
    return [.callStarted(index: index, name: name.string, id: id?.string)]
  }

  /// Takes in what identifies it; what did before is kept.
  mutating func identify(as text: ArraySlice<UInt8>) {
    if let id { unparsed += Array(id.utf8) }
    id = ExactString(text).trimmed.unquoted
  }

  /// Takes in the name of the argument whose value comes next, as it was written.
  mutating func expect(_ text: ArraySlice<UInt8>) {
    expect(ExactString(text).trimmed)
    argumentSource = Array(text)
  }

  /// Takes in the name of the argument whose value comes next, as the template knows it.
  mutating func expect(_ name: ExactString) {
    unparsed += argumentSource
    argumentSource = []
    argumentName = name
  }

  /// Takes in the value of the argument that was named; a value before it is kept.
  mutating func add(_ value: JSONValue) {
    guard let name = argumentName else { return }
    if let other = members[name] { unparsed += other.unquotedText }
    members[name] = value
    argumentName = nil
    argumentSource = []
    isArgumentOpen = false
  }

  /// Looks for name and arguments in an object that is written otherwise than expected.
  mutating func readWhole(_ bytes: ArraySlice<UInt8>) {
    guard let object = LenientJSON.read(bytes)?.value.object else { return }
    let function = object["function"]?.object ?? object
    guard let name = function["name"]?.string ?? object["function"]?.string else { return }
    self.name = self.name ?? name
    id = id ?? object["id"]?.string
    whole = function
  }

  /// Reads the arguments for good; what is no part of the call is kept as unparsed.
  mutating func finish(_ input: [UInt8], _ ownWords: Set<ExactString>) {
    unparsed += argumentSource
    if let whole {
      value = whole["arguments"] ?? whole["parameters"] ?? .object([:])
    } else if let arguments {
      let text = input[arguments]
      let read = LenientJSON.read(text)
      value = read?.value ?? .string(ExactString(text))
      if let rest = read?.rest, rest.holdsWords { unparsed += rest }
    } else {
      value = .object(members)
      members = members.isEmpty ? members : [:]
    }
    for member in members { unparsed += Array(member.key.utf8) + member.value.unquotedText }
    if let object { keepOthers(of: object, input, ownWords) }
  }

  /// Keeps what a call's object holds beside the parts of a call.
  private mutating func keepOthers(
    of object: (range: Range<Int>, scan: JSONScan), _ input: [UInt8],
    _ ownWords: Set<ExactString>
  ) {
    let text = input[object.range]
    if let whole {
      let words = ownWords.union(["name", "arguments", "parameters", "id"])
      let isKnown = whole.keys.allSatisfy(words.contains)
      if !isKnown || LenientJSON.read(text)?.rest.holdsWords != false { unparsed += text }
      return
    }
    let scan = object.scan
    let known = [
      scan.name.flatMap { name == input.jsonText($0) ? $0 : nil }, scan.identifier, arguments,
    ]
    var place = object.range.lowerBound
    for part in known.compactMap(\.self).sorted(by: { $0.lowerBound < $1.lowerBound })
    where part.lowerBound >= place {
      keep(input[place..<part.lowerBound], ownWords)
      place = part.upperBound
    }
    if place < object.range.upperBound { keep(input[place..<object.range.upperBound], ownWords) }
  }

  private mutating func keep(_ text: ArraySlice<UInt8>, _ ownWords: Set<ExactString>) {
    if text.words.contains(where: { !ownWords.contains(ExactString($0).unquoted) }) {
      unparsed += text
    }
  }

  /// The call.
  var call: ToolCall {
    ToolCall(
      id: id, name: name ?? "", arguments: ToolCall.decoded(value ?? .object([:])))
  }
}

/// What an argument's value is, by the tool's schema.
struct ArgumentType {
  private let types: [ExactString]
  private let decodesJSON: Bool

  init(of argument: ExactString, in call: ExactString?, _ tools: [Tool], decodesJSON: Bool) {
    let schema = tools.first { $0.name == call }?.parameters?["properties"]?[argument]
    types =
      switch schema?["type"] {
      case .string(let type): [type]
      case .array(let types): types.compactMap(\.string)
      default: (schema?["anyOf"]?.array ?? []).compactMap { $0["type"]?.string }
      }
    self.decodesJSON = decodesJSON
  }

  /// Whether it is text whatever it looks like.
  var isText: Bool {
    types.isEmpty ? !decodesJSON : types.allSatisfy { $0 == "string" }
  }

  /// The value of what was written.
  func value(of bytes: ArraySlice<UInt8>) -> JSONValue {
    let text = ExactString(String(decoding: bytes, as: UTF8.self))
    guard !isText, let value = Self.decoded(bytes, text) else { return .string(text) }
    let isExpected = types.isEmpty || types.contains(value.schemaType) || types == ["number"]
    // Text among the types: what else they name decides.
    if !isExpected, types.contains("string") { return .string(text) }
    if types.isEmpty, case .string = value { return .string(text) }
    return value
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>, _ text: ExactString) -> JSONValue? {
    switch text.trimmed {
    case "True": .bool(true)
    case "False": .bool(false)
    case "None": .null
    default: (try? JSONValue(parsing: text.string)) ?? LenientJSON.container(bytes)
    }
  }
}

extension LenientJSON {
  /// The object or list, where it is one.
  fileprivate static func container(_ bytes: ArraySlice<UInt8>) -> JSONValue? {
    guard let (value, rest) = read(bytes), !rest.holdsWords else { return nil }
    return switch value {
    case .object, .array: value
    default: nil
    }
  }
}

extension ArraySlice<UInt8> {
  /// Whether it holds more than JSON's own signs.
  var holdsWords: Bool { words.contains { _ in true } }

  /// What stands between JSON's own signs, texts with their quotes.
  fileprivate var words: some Sequence<ArraySlice<UInt8>> {
    let own = Set("{}[],: \t\r\n\"'".utf8)
    return split { own.contains($0) }
  }
}

extension JSONValue {
  /// A text as it is, anything else as JSON.
  fileprivate var unquotedText: [UInt8] {
    if case .string(let text) = self { Array(text.utf8) } else { Array(serialized().utf8) }
  }

  /// The name of its type in JSON schemas.
  fileprivate var schemaType: ExactString {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    default: "number"
    }
  }
}
