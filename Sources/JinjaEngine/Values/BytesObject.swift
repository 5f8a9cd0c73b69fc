// SPDX-License-Identifier: Apache-2.0

/// Python's `bytes`, as far as a template can get at them: through `str.encode`.
final class BytesObject: JinjaObject {
  private let bytes: [UInt8]
  private let origin: Origin

  private init(_ bytes: [UInt8], origin: Origin) {
    self.bytes = bytes
    self.origin = origin
  }

  static func encode(_ text: Text, _ arguments: CallValues) throws(JinjaError) -> Value {
    let binder = try ArgumentBinder(arguments, "encode", ["encoding", "errors"])
    let encoding = try binder.text(0, "encode")?.string.lowercased() ?? "utf-8"
    guard
      ["utf-8", "utf8", "utf_8", "u8"].contains(encoding)
        || ["ascii", "us-ascii"].contains(encoding) && text.isASCII
    else {
      throw JinjaError(.value, "the encoding '\(encoding)' is not supported", hint: "use UTF-8")
    }
    return .object(BytesObject(text.array, origin: text.origin))
  }

  override var typeName: String { "bytes" }
  override var length: Int? { bytes.count }

  override func cursor() -> Cursor? { .list(ListBox(bytes.map { .int(Int($0)) }), 0) }

  override func item(_ key: Value) throws(JinjaError) -> Value? {
    guard let index = key.index else { return nil }
    let place = index < 0 ? index + bytes.count : index
    return bytes.indices.contains(place) ? .int(Int(bytes[place]), origin) : nil
  }

  override func isEqual(to other: JinjaObject, _ level: Int) throws(JinjaError) -> Bool {
    (other as? BytesObject)?.bytes == bytes
  }

  override func writeDescription(to output: inout [UInt8], level: Int) throws(JinjaError) -> Origin
  {
    let hasSingle = bytes.contains(0x27)
    let quote: UInt8 = hasSingle && !bytes.contains(0x22) ? 0x22 : 0x27
    output += [UInt8(ascii: "b"), quote]
    for byte in bytes {
      switch byte {
      case quote, 0x5C: output += [0x5C, byte]
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0x20..<0x7F: output.append(byte)
      default:
        let digits = String(byte, radix: 16)
        output += "\\x\(byte < 16 ? "0" : "")\(digits)".utf8
      }
    }
    output.append(quote)
    return origin
  }
}
