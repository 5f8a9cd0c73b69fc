// SPDX-License-Identifier: Apache-2.0

/// SentencePiece's own decoding: marks become spaces, the dummy prefix vanishes, bytes that are not
/// UTF-8 become U+FFFD each.
///
/// As `SentencePieceProcessor::Decode` does (google/sentencepiece).
public struct SentencePieceDecoder: Sendable {
  /// The piece that stands for what is unknown.
  public let unknown: [UInt8]
  /// The text that it becomes.
  public let unknownSurface: [UInt8]
  /// Whether a mark at the start of the text vanishes.
  public let stripsPrefix: Bool
  /// Whether all of them do.
  public let stripsAllPrefixes: Bool

  /// A decoder.
  ///
  /// - Parameters:
  ///   - unknown: The piece that stands for what is unknown.
  ///   - unknownSurface: The text that it becomes.
  ///   - stripsPrefix: Whether a mark at the start of the text vanishes.
  ///   - stripsAllPrefixes: Whether all of them do.
  public init(
    unknown: [UInt8], unknownSurface: [UInt8], stripsPrefix: Bool, stripsAllPrefixes: Bool
  ) {
    self.unknown = unknown
    self.unknownSurface = unknownSurface
    self.stripsPrefix = stripsPrefix
    self.stripsAllPrefixes = stripsAllPrefixes
  }

  func apply(to tokens: [[UInt8]]) -> [[UInt8]] {
    var output: [UInt8] = []
    var run: [UInt8] = []
    var isAtStart = stripsPrefix
    func flush() {
      guard !run.isEmpty else { return }
      output += UTF8Check.replacingInvalidBytes(in: run.span, tracksOrigins: false).text
      run.removeAll()
    }
    for token in tokens {
      if let byte = TokenDecoder.fallbackByte(token) {
        run.append(byte)
        continue
      }
      flush()
      if !output.isEmpty { isAtStart = false }
      if token == unknown {
        output += unknownSurface
        continue
      }
      var text = token[...]
      if isAtStart, text.starts(with: Metaspace.utf8) {
        text = text.dropFirst(Metaspace.utf8.count)
        isAtStart = stripsAllPrefixes
      }
      output += TokenDecoder.replace(Array(text), .literal(Metaspace.utf8), [0x20])
    }
    flush()
    return [output]
  }
}
