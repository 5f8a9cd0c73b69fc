// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import ChatTemplates
public import OrderedJSON
import TextPrimitives

/// Conversations from files and folders.
public enum ConversationFolder {
  /// The requests of a path, with names: a `.json` file holds one, a `.jsonl` file one a line; of a
  /// folder, all such files count.
  ///
  /// - Parameters:
  ///   - path: The file or folder; - is standard input.
  ///   - format: The shape of conversations that name none; nil tells it by their members.
  /// - Returns: Each request, with its file's name and, of several, its line.
  /// - Throws: An error that names the file and the place.
  public static func read(_ path: String, format: ConversationFormat? = nil) throws -> [(
    name: String, request: JSONObject
  )] {
    guard let format else { return try requests(path, listName: "messages") }
    let listName: ExactString = format == .shareGPT ? "conversations" : "messages"
    return try requests(path, listName: listName).map { name, request in
      var request = request
      if request["input_format"] == nil {
        request["input_format"] = .string(ExactString(format.rawValue))
      }
      return (name, request)
    }
  }

  private static func requests(_ path: String, listName: ExactString) throws -> [(
    String, JSONObject
  )] {
    guard FileReader.isDirectory(path: path) else { return try file(path, listName) }
    var found: [(String, JSONObject)] = []
    for name in FileReader.names(inFolder: path) {
      let inner = "\(path)/\(name)"
      if FileReader.isDirectory(path: inner) {
        found += try requests(inner, listName: listName)
      } else if isJSON(name, ".json") || isJSON(name, ".jsonl") {
        found += try file(inner, listName)
      }
    }
    return found
  }

  private static func file(_ path: String, _ listName: ExactString) throws -> [(
    String, JSONObject
  )] {
    let bytes = try FileReader.bytes(path: path)
    guard isJSON(path, ".jsonl") else { return [(stem(path), try request(bytes, path, listName))] }
    return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated().filter { $0.element.contains { $0 > 0x20 } }
      .map { ("\(stem(path)):\($0.offset + 1)", try request(Array($0.element), path, listName)) }
  }

  private static func request(_ bytes: [UInt8], _ path: String, _ listName: ExactString) throws
    -> JSONObject
  {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw InputError("\(path):\(error)")
    }
    switch value {
    case .object(let object): return object
    case .array: return [listName: value]
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
