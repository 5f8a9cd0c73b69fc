// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// `json.dumps` as transformers' `tojson` calls it.
struct JSONDump {
  private var output: [UInt8] = []
  private var origin = Origin.none
  private let indent: [UInt8]?
  private let itemSeparator: [UInt8]
  private let keySeparator: [UInt8]
  private let isASCII: Bool
  private let sortsKeys: Bool

  static func tojson(_ value: Value, _ arguments: CallValues) throws(JinjaError) -> Value {
    var dump = try JSONDump(arguments)
    try dump.write(value, level: 0)
    let whole = value.origin
    // The text is the caller's as a whole where anything in it is.
    let origin = whole.isInput ? whole : dump.origin
    return .string(Text(dump.output, origin: origin.isInput ? origin : .none))
  }

  private init(_ arguments: CallValues) throws(JinjaError) {
    if arguments.isEmpty {
      indent = nil
      itemSeparator = Array(", ".utf8)
      keySeparator = Array(": ".utf8)
      isASCII = false
      sortsKeys = false
      return
    }
    let binder = try ArgumentBinder(
      arguments, "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
    isASCII = binder.isTrue(0)
    switch binder[1] {
    case nil, .some(.none): indent = nil
    case let value?:
      if let text = value.text {
        indent = text.array
      } else {
        indent = Array(
          repeating: 0x20, count: min(1000, max(0, try ArgumentBinder.integer(value))))
      }
    }
    var separators: [Value] = []
    if let value = binder[2], !value.isNone {
      switch value {
      case .list(let box), .tuple(let box): separators = box.array
      case .string, .markup:
        separators = value.text?.scalars.map { .string(String($0)) } ?? []
      default: throw JinjaError(.type, "cannot unpack non-iterable \(value.typeName) object")
      }
      guard separators.count == 2 else {
        throw JinjaError(.value, "expected 2 separators, got \(separators.count)")
      }
      for separator in separators where separator.text == nil {
        throw JinjaError(.type, "separators must be strings, not \(separator.typeName)")
      }
    }
    itemSeparator = separators.first?.text?.array ?? Array((indent == nil ? ", " : ",").utf8)
    keySeparator = separators.last?.text?.array ?? Array(": ".utf8)
    sortsKeys = binder.isTrue(3)
  }

  private mutating func write(_ value: Value, level: Int) throws(JinjaError) {
    switch value {
    case .none: output += "null".utf8
    case .bool(let flag, _): output += (flag ? "true" : "false").utf8
    case .int(let number, _): output += String(number).utf8
    case .bigInteger(let box): output += try box.value.decimalDigits().utf8
    case .double(let number, _): output += PythonNumber.json(number).utf8
    case .string(let text), .markup(let text): writeString(text)
    case .list(let box), .tuple(let box): try writeItems(box, level)
    case .dict(let box): try writeMembers(box, level)
    default:
      throw JinjaError(.type, "Object of type \(value.typeName) is not JSON serializable")
    }
    origin = origin.combined(with: value.origin)
  }

  private mutating func newline(_ level: Int) {
    guard let indent else { return }
    output.append(0x0A)
    for _ in 0..<level { output += indent }
  }

  private mutating func writeItems(_ box: ListBox, _ level: Int) throws(JinjaError) {
    guard level < Value.walkLimit else { throw Value.tooDeep("serialize") }
    output.append(UInt8(ascii: "["))
    for place in 0..<box.count {
      if place > 0 { output += itemSeparator }
      newline(level + 1)
      try write(box[place], level: level + 1)
    }
    if box.count > 0 { newline(level) }
    output.append(UInt8(ascii: "]"))
  }

  private mutating func writeMembers(_ box: DictBox, _ level: Int) throws(JinjaError) {
    guard level < Value.walkLimit else { throw Value.tooDeep("serialize") }
    output.append(UInt8(ascii: "{"))
    var order = Array(0..<box.count)
    if sortsKeys {
      order = try MergeSort.sorted(order) { left, right throws(JinjaError) in
        try box.key(at: left).isOrdered(.less, before: box.key(at: right))
      }
    }
    for (index, place) in order.enumerated() {
      if index > 0 { output += itemSeparator }
      newline(level + 1)
      try writeKey(box.key(at: place))
      output += keySeparator
      try write(box.value(at: place), level: level + 1)
    }
    if box.count > 0 { newline(level) }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func writeKey(_ key: Value) throws(JinjaError) {
    if let text = key.text {
      writeString(text)
      origin = origin.combined(with: key.origin)
      return
    }
    switch key {
    case .none, .bool, .int, .bigInteger, .double:
      output.append(UInt8(ascii: "\""))
      try write(key, level: 0)
      output.append(UInt8(ascii: "\""))
    default:
      throw JinjaError(
        .type, "keys must be str, int, float, bool or None, not \(key.typeName)")
    }
  }

  private mutating func writeString(_ text: Text) {
    output.append(UInt8(ascii: "\""))
    let bytes = text.storage.bytes
    var index = Int(text.start)
    let end = Int(text.end)
    var plain = index
    while index < end {
      let byte = bytes[index]
      let isPlain = byte >= 0x20 && byte != 0x22 && byte != 0x5C && (byte < 0x80 || !isASCII)
      if isPlain, byte != 0x7F || !isASCII {
        index += 1
        continue
      }
      output += bytes[plain..<index]
      if byte >= 0x80 {
        let (scalar, length) = UTF8Scalars.decode(bytes, at: index)
        for unit in String(scalar).utf16 { writeEscape(UInt32(unit)) }
        index += length
      } else {
        writeASCIIEscape(byte)
        index += 1
      }
      plain = index
    }
    output += bytes[plain..<end]
    output.append(UInt8(ascii: "\""))
  }

  private mutating func writeASCIIEscape(_ byte: UInt8) {
    switch byte {
    case 0x22: output += "\\\"".utf8
    case 0x5C: output += "\\\\".utf8
    case 0x0A: output += "\\n".utf8
    case 0x0D: output += "\\r".utf8
    case 0x09: output += "\\t".utf8
    case 0x0C: output += "\\f".utf8
    case 0x08: output += "\\b".utf8
    default: writeEscape(UInt32(byte))
    }
  }

  private mutating func writeEscape(_ value: UInt32) {
    let digits = String(value, radix: 16)
    output += "\\u".utf8
    output += Array(repeating: 0x30, count: 4 - digits.utf8.count)
    output += digits.utf8
  }
}
