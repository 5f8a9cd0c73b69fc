// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import Tokenization

extension Tokenizer {
  /// Loads a tokenizer from a file of any format, or from a folder that holds one.
  ///
  /// The content tells the format, not the name. Of a folder the first of these is taken:
  /// `tokenizer.json`, `tekken.json`, `tokenizer.model`, `vocab.json` with `merges.txt`, the only
  /// file that is named as rank files, SentencePiece models, tekken files or GGUF files are.
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
    let isGGUF: Bool
    let bytes: [UInt8]
    do throws(FileError) {
      // A GGUF file may be large, and is mapped.
      isGGUF = format.map { $0 == .gguf } ?? TokenizerFormat.isGGUF(path: file)
      bytes = isGGUF ? [] : try FileReader.bytes(path: file)
    } catch {
      throw TokenizerLoadingError(.unreadable, file: file, error.message)
    }
    guard let format = format ?? (isGGUF ? .gguf : TokenizerFormat.detect(bytes)) else {
      throw TokenizerLoadingError(
        .unknownFormat, file: file, "the content is of no tokenizer format that we know",
        hint: "known are \(TokenizerFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    switch format {
    case .tokenizerJSON:
      self = try TokenizerJSON(parsing: consume bytes, file: file).makeTokenizer()
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
  public init(tokenizerJSON bytes: consuming [UInt8], name: String) throws(TokenizerLoadingError) {
    self = try TokenizerJSON(parsing: bytes, file: name).makeTokenizer()
  }
}
