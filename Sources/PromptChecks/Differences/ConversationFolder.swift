// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import OrderedJSON
import TextPrimitives

/// Conversations from files and folders.
public enum ConversationFolder {
  /// The requests of a path, with names: a `.json` file holds one, a `.jsonl` file one a line; of a
  /// folder, all such files count.
  ///
  /// - Throws: An error that names the file and the place.
  public static func read(_ path: String) throws -> [(name: String, request: JSONObject)] {
    guard FileReader.isDirectory(path: path) else { return try file(path) }
    var found: [(String, JSONObject)] = []
    for name in FileReader.names(inFolder: path) {
      let inner = "\(path)/\(name)"
      if FileReader.isDirectory(path: inner) {
        found += try read(inner)
      } else if isJSON(name, ".json") || isJSON(name, ".jsonl") {
        found += try file(inner)
      }
    }
    return found
  }

  private static func file(_ path: String) throws -> [(String, JSONObject)] {
    let bytes = try FileReader.bytes(path: path)
    guard isJSON(path, ".jsonl") else { return [(stem(path), try request(bytes, path))] }
    return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated().filter { $0.element.contains { $0 > 0x20 } }
      .map { ("\(stem(path)):\($0.offset + 1)", try request(Array($0.element), path)) }
  }

  private static func request(_ bytes: [UInt8], _ path: String) throws -> JSONObject {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw InputError("\(path):\(error)")
    }
    switch value {
    case .object(let object): return object
    case .array: return ["messages": value]
    default: throw InputError("\(path): expected messages or an object that has them")
    }
  }

  private static func isJSON(_ name: String, _ ending: String) -> Bool {
    name == "-" || name.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8)
  }

  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else {
      return name
    }
    return String(name[..<dot])
  }
}
