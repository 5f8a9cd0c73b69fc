// SPDX-License-Identifier: Apache-2.0

import OrderedJSON

/// Python's `str` and `repr`.
enum PythonText {
  /// `str(value)`; a `Markup` becomes a plain string.
  static func str(_ value: Value) throws(JinjaError) -> Text {
    switch value {
    case .string(let text), .markup(let text): return text
    case .undefined, .missing: return .empty
    case .int(let number, let origin): return Text(String(number), origin: origin)
    case .bool(let flag, let origin): return Text(flag ? "True" : "False", origin: origin)
    case .none(let origin): return Text("None", origin: origin)
    case .double(let number, let origin): return Text(PythonNumber.repr(number), origin: origin)
    default:
      var output: [UInt8] = []
      let origin = try write(value, to: &output, level: 0, isString: true)
      return Text(output, origin: origin)
    }
  }

  static func repr(_ value: Value) throws(JinjaError) -> Text {
    var output: [UInt8] = []
    let origin = try write(value, to: &output, level: 0, isString: false)
    return Text(output, origin: origin)
  }

  /// For messages.
  static func description(_ value: Value) -> String {
    (try? repr(value))?.string ?? "…"
  }

  /// Writes `repr(value)` and returns whose text it is, all in all.
  static func write(
    _ value: Value, to output: inout [UInt8], level: Int, isString: Bool = false
  ) throws(JinjaError) -> Origin {
    switch value {
    case .missing, .undefined: output += "Undefined".utf8
    case .none: output += "None".utf8
    case .bool(let flag, _): output += (flag ? "True" : "False").utf8
    case .int(let number, _): output += String(number).utf8
    case .double(let number, _): output += PythonNumber.repr(number).utf8
    case .bigInteger(let box): output += try box.value.decimalDigits().utf8
    case .string(let text): writeQuoted(text, to: &output)
    case .markup(let text):
      output += "Markup(".utf8
      writeQuoted(text, to: &output)
      output.append(UInt8(ascii: ")"))
    case .list(let box):
      return try writeItems(box, "[", "]", to: &output, level).combined(with: value.origin)
    case .tuple(let box):
      let end = box.count == 1 ? ",)" : ")"
      return try writeItems(box, "(", end, to: &output, level).combined(with: value.origin)
    case .dict(let box):
      return try writeMembers(box, to: &output, level).combined(with: value.origin)
    case .object(let object): return try object.target.writeDescription(to: &output, level: level)
    }
    return value.origin
  }

  static func writeItems(
    _ box: ListBox, _ start: String, _ end: String, to output: inout [UInt8], _ level: Int
  ) throws(JinjaError) -> Origin {
    guard level < Value.walkLimit else { throw Value.tooDeep("print") }
    var origin = Origin.none
    output += start.utf8
    for place in 0..<box.count {
      if place > 0 { output += ", ".utf8 }
      origin = origin.combined(with: try write(box[place], to: &output, level: level + 1))
    }
    output += end.utf8
    return box.origin.isInput ? box.origin : origin
  }

  static func writeMembers(
    _ box: DictBox, to output: inout [UInt8], _ level: Int
  ) throws(JinjaError) -> Origin {
    guard level < Value.walkLimit else { throw Value.tooDeep("print") }
    var origin = Origin.none
    output.append(UInt8(ascii: "{"))
    for place in 0..<box.count {
      if place > 0 { output += ", ".utf8 }
      origin = origin.combined(with: try write(box.key(at: place), to: &output, level: level + 1))
      output += ": ".utf8
      origin = origin.combined(with: try write(box.value(at: place), to: &output, level: level + 1))
    }
    output.append(UInt8(ascii: "}"))
    return box.origin.isInput ? box.origin : origin
  }

  static func writeQuoted(_ text: Text, to output: inout [UInt8]) {
    let single = UInt8(ascii: "'")
    let double = UInt8(ascii: "\"")
    let bytes = text.bytes
    let quote = bytes.contains(single) && !bytes.contains(double) ? double : single
    output.append(quote)
    var index = Int(text.start)
    while index < Int(text.end) {
      let byte = text.storage.bytes[index]
      if byte >= 0x80 {
        let (scalar, length) = UTF8Scalars.decode(text.storage.bytes, at: index)
        if PythonUnicode.isPrintable(scalar) {
          output += text.storage.bytes[index..<(index + length)]
        } else {
          writeEscape(scalar.value, to: &output)
        }
        index += length
        continue
      }
      switch byte {
      case quote, UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0..<0x20, 0x7F: writeEscape(UInt32(byte), to: &output)
      default: output.append(byte)
      }
      index += 1
    }
    output.append(quote)
  }

  private static func writeEscape(_ value: UInt32, to output: inout [UInt8]) {
    let digits = String(value, radix: 16)
    let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
    output += "\\\(letter)".utf8
    output += String(repeating: "0", count: width - digits.utf8.count).utf8
    output += digits.utf8
  }
}
