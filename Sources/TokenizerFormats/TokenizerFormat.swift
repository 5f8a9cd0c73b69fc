// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import Tokenization

/// The formats in which vocabularies are published.
public enum TokenizerFormat: String, Hashable, Sendable, CaseIterable {
  /// Hugging Face's `tokenizer.json`.
  case tokenizerJSON = "tokenizer.json"
}

extension Tokenizer {
  /// Loads a tokenizer from a file of any format, or from a folder that holds one.
  ///
  /// - Throws: ``TokenizerLoadingError`` naming the file, the place and what to do.
  public init(contentsOf path: String, format: TokenizerFormat? = nil)
    throws(TokenizerLoadingError)
  {
    var file = path
    if FileReader.isDirectory(path: path) { file += "/tokenizer.json" }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileReader.bytes(path: file)
    } catch {
      throw TokenizerLoadingError(.unreadable, file: file, error.message)
    }
    self = try TokenizerJSON(parsing: bytes, file: file).makeTokenizer()
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
