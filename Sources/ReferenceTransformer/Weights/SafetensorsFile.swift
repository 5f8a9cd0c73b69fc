// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextPrimitives

/// A safetensors file: the length of a header, a JSON header, and the tensors' bytes end to end.
///
/// Source: huggingface/safetensors, README and `safetensors/src/tensor.rs`.
enum SafetensorsFile {
  /// The reference's limit.
  static let headerLimit = 100_000_000

  /// The tensors of a file.
  ///
  /// - Throws: ``TransformerError``; nothing is allocated by a size that was not checked.
  static func tensors(in bytes: WeightBytes) throws(TransformerError) -> [WeightTensor] {
    let (header, dataStart, size) = try unsafe bytes.withBytes {
      content throws(TransformerError) -> (JSONObject, Int, Int) in
      let (header, start) = try unsafe readHeader(content)
      return (header, start, content.count)
    }
    var tensors: [WeightTensor] = []
    for (name, entry) in header where name != "__metadata__" {
      tensors.append(try tensor(name.string, entry, dataStart, bytes))
    }
    try checkCover(tensors, from: dataStart, to: size)
    return tensors
  }

  private static func readHeader(_ bytes: UnsafeRawBufferPointer) throws(TransformerError)
    -> (JSONObject, Int)
  {
    var cursor = unsafe ByteCursor(bytes)
    guard let size = cursor.integer(UInt64.self) else {
      throw TransformerError(
        .malformedHeader(reason: "no safetensors file: \(bytes.count) bytes are too few"))
    }
    let limit = min(headerLimit, cursor.remaining)
    guard size <= UInt64(limit), let range = cursor.take(Int(size)) else {
      throw TransformerError(.headerTooLarge(size: size, limit: limit))
    }
    let value: JSONValue
    do throws(JSONError) {
      // SAFETY: the cursor gives ranges that lie inside.
      value = try unsafe JSONValue(parsing: Array(bytes[range]))
    } catch {
      throw TransformerError(.malformedHeader(reason: "the header is no JSON: \(error)"))
    }
    guard let object = value.object else {
      throw TransformerError(
        .malformedHeader(reason: "the header must be an object, found \(value.kindName)"))
    }
    return (object, range.upperBound)
  }

  private static func tensor(
    _ name: String, _ entry: JSONValue, _ dataStart: Int, _ bytes: WeightBytes
  ) throws(TransformerError) -> WeightTensor {
    guard let typeName = entry["dtype"]?.string,
      let dimensions = entry["shape"]?.array, let offsets = entry["data_offsets"]?.array
    else {
      throw TransformerError(
        .malformedHeader(reason: "tensor '\(name)' must have dtype, shape and data_offsets"))
    }
    let shape = dimensions.compactMap(\.integer)
    let places = offsets.compactMap(\.integer)
    guard shape.count == dimensions.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw TransformerError(
        .malformedHeader(reason: "the shape of tensor '\(name)' must be sizes"))
    }
    guard offsets.count == 2, places.count == 2, 0 <= places[0], places[0] <= places[1],
      places[1] <= Int.max - dataStart
    else {
      throw TransformerError(
        .malformedHeader(reason: "the offsets of tensor '\(name)' must be a start and an end"))
    }
    guard let type = WeightType(rawValue: typeName.string), type != .q8_0 else {
      throw TransformerError(.unsupportedTensorType(name, type: typeName.string))
    }
    return try WeightTensor(
      name: name, shape: shape, type: type, bytes: bytes,
      range: places[0] + dataStart..<places[1] + dataStart)
  }

  /// The tensors must lie end to end, without gaps, and reach to the end of the file.
  private static func checkCover(_ tensors: [WeightTensor], from start: Int, to end: Int)
    throws(TransformerError)
  {
    var place = start
    for tensor in tensors.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard tensor.range.lowerBound == place else {
        throw TransformerError(
          .malformedHeader(
            reason: "tensor '\(tensor.name)' begins at byte \(tensor.range.lowerBound), and the "
              + "one before it ends at \(place)"))
      }
      place = tensor.range.upperBound
    }
    guard place == end else {
      throw TransformerError(
        .malformedHeader(
          reason: "the last tensor ends at byte \(place) of a file of \(end) bytes"))
    }
  }
}
