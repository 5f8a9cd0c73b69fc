// SPDX-License-Identifier: Apache-2.0

public import TextNormalization

/// Changes a text before it is cut into pieces; cases and their meaning are those of Hugging
/// Face's `normalizers`.
public indirect enum Normalizer: Sendable {
  /// NFC, NFD, NFKC or NFKD, with the Unicode version that the reference carries.
  case unicode(UnicodeNormalizer)
  case lowercase
  case stripAccents
  case strip(left: Bool, right: Bool)
  case prepend([UInt8])
  case replace(TokenDecoder.Pattern, with: [UInt8])
  /// SentencePiece's Nmt rules: controls vanish, odd spaces become spaces.
  case nmt
  /// SentencePiece's compiled table of replacements.
  case precompiled(PrecompiledCharsmap)
  /// Accents go where `stripsAccents` is true, or nil and `lowercases` true.
  case bert(cleansText: Bool, separatesChinese: Bool, stripsAccents: Bool?, lowercases: Bool)
  /// Spells every byte in the byte alphabet.
  case byteLevel
  /// The normalizer of a SentencePiece model.
  case sentencePiece(SentencePieceNormalizer)
  case sequence([Normalizer])
}
