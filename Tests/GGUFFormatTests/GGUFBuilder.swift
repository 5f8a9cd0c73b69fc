// SPDX-License-Identifier: Apache-2.0

/// Writes small GGUF files, right ones and wrong ones.
struct GGUFBuilder {
  var version: UInt32 = 3
  var metadata: [(key: String, type: UInt32, value: [UInt8])] = []
  var tensors: [(name: String, dimensions: [UInt64], type: UInt32, offset: UInt64)] = []
  var data: [UInt8] = []

  static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func string(_ text: String) -> [UInt8] {
    little(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  static func array(_ type: UInt32, _ elements: [[UInt8]]) -> [UInt8] {
    little(type) + little(UInt64(elements.count)) + elements.flatMap(\.self)
  }

  var bytes: [UInt8] {
    var result = Array("GGUF".utf8) + Self.little(version)
    result += Self.little(UInt64(tensors.count)) + Self.little(UInt64(metadata.count))
    for entry in metadata {
      result += Self.string(entry.key) + Self.little(entry.type) + entry.value
    }
    for tensor in tensors {
      result += Self.string(tensor.name) + Self.little(UInt32(tensor.dimensions.count))
      for dimension in tensor.dimensions { result += Self.little(dimension) }
      result += Self.little(tensor.type) + Self.little(tensor.offset)
    }
    if !tensors.isEmpty {
      while result.count % 32 != 0 { result.append(0) }
    }
    return result + data
  }

  /// One entry of each kind and two tensors.
  static let sample: GGUFBuilder = {
    var builder = GGUFBuilder()
    builder.metadata = [
      ("general.architecture", 8, string("llama")),
      ("a.byte", 0, [7]),
      ("a.signed", 5, little(Int32(-5))),
      ("a.float", 6, little(Float(1.5).bitPattern)),
      ("a.flag", 7, [1]),
      ("a.words", 9, array(8, [string("one"), string(""), string("zwölf")])),
      ("a.numbers", 9, array(5, [little(Int32(1)), little(Int32(-2))])),
      ("a.scores", 9, array(6, [little(Float(0.5).bitPattern)])),
      ("a.nested", 9, array(9, [array(0, [[1], [2]]), array(8, [string("x")])])),
      ("a.wide", 10, little(UInt64(1) << 40)),
    ]
    builder.tensors = [("first", [4, 2], 0, 0), ("second", [32], 8, 32)]
    builder.data = [UInt8](repeating: 9, count: 66)
    return builder
  }()
}
