// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import Tokenization

extension Tokenizer {
  /// Loads a tokenizer from a file of any format, or from a folder that holds one.
  ///
  /// The content tells the format, not the name. Of a folder the first of these is taken:
  /// `tokenizer.json`, `tekken.json`, `tokenizer.model`, `vocab.json` with `merges.txt`, a only
  /// `.tiktoken` file.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: The format, where the content is not to be asked.
  ///   - encoding: The encoding of a rank file, one of ``TiktokenFormat/encodingNames``; without
  ///     it the file's name must tell.
  ///   - cache: Where the tokenizer is kept in compiled form; nil keeps none.
  /// - Throws: ``TokenizerLoadingError`` naming the file, the place and what to do.
  public init(
    contentsOf path: String, format: TokenizerFormat? = nil, encoding: String? = nil,
    cache: TokenizerCache? = nil
  ) throws(TokenizerLoadingError) {
    var file = path
    if FileReader.isDirectory(path: path) {
      file = try TokenizerFolder.file(in: path, format: format)
    }
    let entry = cache.flatMap {
      CacheEntry($0, source: file, format: format, encoding: encoding)
    }
    if let tokenizer = entry?.load() {
      self = tokenizer
      return
    }
    try self.init(reading: file, format: format, encoding: encoding)
    entry?.store(self)
  }

  /// Reads a file, whatever is kept of it.
  private init(reading file: String, format: TokenizerFormat?, encoding: String?)
    throws(TokenizerLoadingError)
  {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileReader.bytes(path: file)
    } catch {
      throw TokenizerLoadingError(.unreadable, file: file, error.message)
    }
    guard let format = format ?? TokenizerFormat.detect(bytes) else {
      throw TokenizerLoadingError(
        .unknownFormat, file: file, "the content is of no tokenizer format that we know",
        hint: "known are \(TokenizerFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    switch format {
    case .tokenizerJSON: self = try TokenizerJSON(parsing: bytes, file: file).makeTokenizer()
    case .tekken: self = try TekkenFormat.load(bytes, file: file)
    case .tiktoken: self = try TiktokenFormat.load(bytes, file: file, encoding: encoding)
    case .legacyBPE: self = try LegacyBPEFormat.load(folder: TokenizerFolder.parent(of: file))
    case .sentencePiece: self = try SentencePieceFormat.load(bytes, file: file)
    case .gguf: self = try GGUFTokenizerFormat.load(path: file)
    }
  }

  /// Loads a tokenizer from the bytes of a `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - name: What errors call it.
  /// - Throws: ``TokenizerLoadingError`` naming the place and what to do.
  public init(tokenizerJSON bytes: [UInt8], name: String) throws(TokenizerLoadingError) {
    self = try TokenizerJSON(parsing: bytes, file: name).makeTokenizer()
  }
}

/// Where the tokenizer stands in a model's folder.
package enum TokenizerFolder {
  package static func file(
    in folder: String, format: TokenizerFormat? = nil
  ) throws(TokenizerLoadingError) -> String {
    let names = format.map(usualNames) ?? standardNames
    if let name = names.first(where: { FileReader.exists(path: "\(folder)/\($0)") }) {
      return "\(folder)/\(name)"
    }
    let ending = format == .gguf ? ".gguf" : ".tiktoken"
    let others = FileReader.names(inFolder: folder).filter {
      $0.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8)
    }
    if others.count == 1, [nil, .gguf, .tiktoken].contains(format) {
      return "\(folder)/\(others[0])"
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

  /// The folder in which a file stands.
  static func parent(of file: String) -> String {
    guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }
}
