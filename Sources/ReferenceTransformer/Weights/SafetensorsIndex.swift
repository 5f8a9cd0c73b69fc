// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import OrderedJSON
import TextPrimitives

/// The weights of a model's folder: `model.safetensors`, or the files that
/// `model.safetensors.index.json` lists.
enum SafetensorsIndex {
  /// All tensors of a folder.
  ///
  /// - Throws: ``TransformerError`` that names the file.
  static func tensors(inFolder folder: String) throws(TransformerError) -> [WeightTensor] {
    let index = folder + "/model.safetensors.index.json"
    let single = folder + "/model.safetensors"
    if !FileReader.exists(path: single), FileReader.exists(path: index) {
      return try shards(index, folder)
    }
    return try tensors(inFile: single)
  }

  /// The tensors of one file.
  static func tensors(inFile path: String) throws(TransformerError) -> [WeightTensor] {
    do throws(TransformerError) {
      return try SafetensorsFile.tensors(in: map(path))
    } catch {
      throw TransformerError(error.kind, path: path)
    }
  }

  private static func map(_ path: String) throws(TransformerError) -> WeightBytes {
    do throws(FileError) {
      return WeightBytes(try MappedFile(path: path))
    } catch {
      throw TransformerError(.unreadable(reason: error.message))
    }
  }

  private static func shards(_ index: String, _ folder: String) throws(TransformerError)
    -> [WeightTensor]
  {
    let map = try weightMap(index)
    var wanted: [String: Set<String>] = [:]
    for (name, value) in map {
      guard let file = value.string?.string, !file.utf8.contains(UInt8(ascii: "/")) else {
        throw TransformerError(
          .malformedHeader(reason: "the file of '\(name)' must be a name in this folder"),
          path: index)
      }
      wanted[file, default: []].insert(name.string)
    }
    var result: [WeightTensor] = []
    for (file, names) in wanted.sorted(by: { $0.key < $1.key }) {
      let tensors = try tensors(inFile: "\(folder)/\(file)")
      // What a shard holds beyond the index is left in, so that it is refused by name.
      let found = Set(tensors.map(\.name))
      if let missing = names.subtracting(found).min() {
        throw TransformerError(
          .malformedHeader(reason: "'\(file)' should hold tensor '\(missing)' and does not"),
          path: index)
      }
      result += tensors
    }
    return result
  }

  private static func weightMap(_ index: String) throws(TransformerError) -> JSONObject {
    do {
      if let map = try JSONValue(parsing: FileReader.bytes(path: index))["weight_map"]?.object {
        return map
      }
    } catch {
      throw TransformerError(.malformedHeader(reason: "\(error)"), path: index)
    }
    throw TransformerError(.malformedHeader(reason: "'weight_map' must be an object"), path: index)
  }
}
