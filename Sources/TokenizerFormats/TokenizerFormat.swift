// SPDX-License-Identifier: Apache-2.0

public import BinaryInput

/// The formats in which vocabularies are published.
public enum TokenizerFormat: String, Hashable, Sendable, CaseIterable {
  /// Hugging Face's `tokenizer.json`.
  case tokenizerJSON = "tokenizer.json"
  /// Mistral's `tekken.json`.
  case tekken = "tekken.json"
  /// A rank file as tiktoken reads it.
  case tiktoken
  /// `vocab.json` and `merges.txt`.
  case legacyBPE = "vocab.json"
  /// SentencePiece's `tokenizer.model`.
  case sentencePiece = "sentencepiece"
  /// A GGUF file, of which only the tokenizer is read.
  case gguf

  /// The format that a file's content shows; nil where it shows none.
  ///
  /// Of a GGUF file, which may be large, only the beginning is read.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  public static func detect(path: String) throws(FileError) -> TokenizerFormat? {
    isGGUF(path: path) ? .gguf : detect(try FileReader.bytes(path: path))
  }

  /// Whether a file begins as GGUF files do; standard input is none.
  static func isGGUF(path: String) -> Bool {
    guard path != "-", let head = try? FileReader.prefix(path: path, count: 4) else {
      return false
    }
    return head.elementsEqual("GGUF".utf8)
  }

  /// The format that bytes show; nil where they show none.
  public static func detect(_ bytes: [UInt8]) -> TokenizerFormat? {
    if bytes.starts(with: "GGUF".utf8) { return .gguf }
    switch JSONTokenizerFile.detect(bytes) {
    case .tokenizerJSON: return .tokenizerJSON
    case .tekken: return .tekken
    case .vocabulary: return .legacyBPE
    case nil: break
    }
    if TiktokenFormat.recognizes(bytes) { return .tiktoken }
    if bytes.starts(with: "#version".utf8) { return .legacyBPE }
    return SentencePieceFormat.recognizes(bytes) ? .sentencePiece : nil
  }
}
