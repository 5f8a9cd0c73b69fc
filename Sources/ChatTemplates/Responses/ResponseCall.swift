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
  var members: JSONObject = [:]
  var argumentName: ExactString?
  var isArgumentOpen = false
  /// What of it follows no form.
  var unparsed: [UInt8] = []
  private(set) var isStarted = false
  var isEnded = false
  private var value: JSONValue?

  init(start: Int) {
    self.start = start
  }

  /// Reports the start, once, as soon as there is a name.
  mutating func start(index: Int) -> [ResponseStream.Event] {
    guard !isStarted, let name, !name.isEmpty else { return [] }
    isStarted = true
    return [.callStarted(index: index, name: name.string, id: id?.string)]
  }

  /// Looks for name and arguments in an object that is written otherwise than expected.
  mutating func readWhole(_ bytes: ArraySlice<UInt8>) {
    guard let object = LenientJSON.value(bytes)?.object else { return }
    let function = object["function"]?.object ?? object
    guard let name = function["name"]?.string ?? object["function"]?.string else { return }
    self.name = self.name ?? name
    id = id ?? object["id"]?.string
    whole = function
  }

  /// Reads the arguments for good.
  mutating func finish(_ input: [UInt8]) {
    if let whole {
      value = whole["arguments"] ?? whole["parameters"] ?? .object([:])
    } else if let arguments {
      let text = input[arguments]
      value =
        LenientJSON.value(text) ?? .string(ExactString(String(decoding: text, as: UTF8.self)))
    } else {
      value = .object(members)
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
    switch value(bytes) {
    case .object(let object): .object(object)
    case .array(let array): .array(array)
    default: nil
    }
  }
}

extension JSONValue {
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
