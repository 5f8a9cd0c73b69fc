// SPDX-License-Identifier: Apache-2.0

import BinaryInput

/// Where the tokenizer stands in a model's folder.
package enum TokenizerFolder {
  /// The file that holds the tokenizer.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - format: The format that is wanted; nil takes any.
  /// - Returns: The file's path.
  /// - Throws: ``TokenizerLoadingError`` where there is none, or several of which none is usual.
  package static func file(
    in folder: String, format: TokenizerFormat? = nil
  ) throws(TokenizerLoadingError) -> String {
    let names = format.map(usualNames) ?? standardNames
    if let name = names.first(where: { FileReader.exists(path: "\(folder)/\($0)") }) {
      return "\(folder)/\(name)"
    }
    let others = FileReader.names(inFolder: folder).filter { name in
      usualFormat(of: name).map { format == nil || $0 == format } ?? false
    }
    if others.count == 1 { return "\(folder)/\(others[0])" }
    guard others.isEmpty else {
      throw TokenizerLoadingError(
        .unreadable, file: folder, "the folder holds \(others.count) tokenizers",
        hint: "name one: \(others.sorted().joined(separator: ", "))")
    }
    throw TokenizerLoadingError(
      .unreadable, file: folder, "the folder holds no tokenizer",
      hint:
        "it must have one of \(names.joined(separator: ", "))"
        + ", or name the file itself")
  }

  private static let standardNames = [
    "tokenizer.json", "tekken.json", "tokenizer.model", "vocab.json",
  ]

  private static func usualNames(_ format: TokenizerFormat) -> [String] {
    switch format {
    case .tokenizerJSON: ["tokenizer.json"]
    case .tekken: ["tekken.json"]
    case .sentencePiece: ["tokenizer.model"]
    case .tiktoken: ["tokenizer.model"]
    case .legacyBPE: ["vocab.json"]
    case .gguf: ["model.gguf"]
    }
  }

  /// What a file is by its name, such as `cl100k_base.tiktoken`, `tokenizer.model.v3` or
  /// `tekken_240911.json`.
  private static func usualFormat(of name: String) -> TokenizerFormat? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    switch parts.last {
    case "tiktoken": return .tiktoken
    case "gguf": return .gguf
    case "json": return parts[0].utf8.starts(with: "tekken".utf8) ? .tekken : nil
    case "model": return .sentencePiece
    case let version? where parts.count > 2 && parts[parts.count - 2] == "model":
      return version.utf8.first == UInt8(ascii: "v") ? .sentencePiece : nil
    default: return nil
    }
  }

  /// The folder in which a file stands.
  static func parent(of file: String) -> String {
    guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }
}
