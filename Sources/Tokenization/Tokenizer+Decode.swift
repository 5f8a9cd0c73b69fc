// SPDX-License-Identifier: Apache-2.0

import TextNormalization

extension Tokenizer {
  /// The text of tokens.
  ///
  /// - Parameters:
  ///   - ids: The tokens.
  ///   - skippingSpecialTokens: Leaves special tokens out.
  ///   - cleaningUpSpaces: Takes back the spaces before punctuation and English contractions, as
  ///     `clean_up_tokenization_spaces` does; it damages code, and no text of a BPE model needs it.
  /// - Returns: Text with U+FFFD exactly where the reference puts it.
  /// - Throws: ``TokenizerError`` for an id that has no token.
  public func decode(
    _ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool = false,
    cleaningUpSpaces: Bool = false
  ) throws(TokenizerError) -> String {
    if cleaningUpSpaces {
      let text = try decode(ids, skippingSpecialTokens: skippingSpecialTokens)
      return String(
        decoding: TokenDecoder.cleanedUp(Array(text.utf8), joinsDoNot: false), as: UTF8.self)
    }
    guard configuration.decodesApartAtSpecialTokens, skippingSpecialTokens else {
      return String(
        decoding: try decodedBytes(ids, skippingSpecialTokens: skippingSpecialTokens),
        as: UTF8.self)
    }
    var text: [UInt8] = []
    var part: [TokenID] = []
    for id in ids {
      if parts.added.isSkipped(id) {
        text += TokenDecoder.repaired(try decodedBytes(part))
        part.removeAll(keepingCapacity: true)
      } else {
        part.append(id)
      }
    }
    return String(decoding: text + (try decodedBytes(part)), as: UTF8.self)
  }

  /// The bytes of tokens; for byte-level vocabularies they may end within a scalar.
  ///
  /// - Throws: ``TokenizerError`` for an id that has no token.
  public func decodedBytes(
    _ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool = false
  ) throws(TokenizerError) -> [UInt8] {
    if let table = parts.decodeTable {
      return try table.decode(ids, skippingSpecialTokens: skippingSpecialTokens)
    }
    var tokens: [[UInt8]] = []
    for id in ids {
      if skippingSpecialTokens, parts.added.isSkipped(id) { continue }
      tokens.append(try spelling(of: id))
    }
    guard let decoder = configuration.decoder else {
      return Array(tokens.joined(separator: [0x20]))
    }
    return Array(decoder.apply(to: tokens).joined())
  }

  /// How a token is spelt when decoding.
  func spelling(of id: TokenID) throws(TokenizerError) -> [UInt8] {
    if let spelling = parts.added.spelling(of: id) ?? vocabulary.spelling(of: id) {
      return spelling
    }
    throw TokenizerError(.unknownIdentifier(Int(id), vocabularySize: identifierBound))
  }

  /// Appends what a token of a byte-level vocabulary stands for.
  func appendBytes(of id: TokenID, _ skippingSpecialTokens: Bool, to bytes: inout [UInt8])
    throws(TokenizerError)
  {
    if let spelling = parts.added.spelling(of: id) {
      if skippingSpecialTokens, parts.added.isSkipped(id) { return }
      if !ByteAlphabet.append(bytesSpelledBy: spelling, to: &bytes) { bytes += spelling }
    } else if !vocabulary.appendBytes(of: id, to: &bytes) {
      throw TokenizerError(.unknownIdentifier(Int(id), vocabularySize: identifierBound))
    }
  }

  /// A decoder that takes one id at a time.
  public func makeStreamDecoder(skippingSpecialTokens: Bool = false) -> StreamDecoder {
    StreamDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
  }
}
