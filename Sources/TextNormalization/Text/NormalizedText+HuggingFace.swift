// SPDX-License-Identifier: Apache-2.0

/// The normalizers of Hugging Face's tokenizers that are more than one edit.
extension NormalizedText {
  /// `StripAccents`: removes the marks that stand alone; decompose before.
  public mutating func stripAccents() {
    filter { Self.classes[$0] & ClassBit.accent == 0 }
  }

  /// `Nmt`: removes control characters and makes all kinds of space one.
  public mutating func applyNmt() {
    filter {
      switch $0 {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
      default: true
      }
    }
    map {
      switch $0 {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        0x20
      default: $0
      }
    }
  }

  /// `BertNormalizer`; accents go where `stripsAccents` is true, or nil and `lowercases` true.
  public mutating func applyBert(
    cleansText: Bool, separatesChinese: Bool, stripsAccents: Bool?, lowercases: Bool
  ) {
    if cleansText {
      filter { Self.classes[$0] & ClassBit.control == 0 }
      map { Self.classes[$0] & ClassBit.whiteSpace != 0 ? 0x20 : $0 }
    }
    if separatesChinese { separateChinese() }
    if stripsAccents ?? lowercases {
      normalize(with: Self.decomposer)
      filter { Self.classes[$0] & ClassBit.bertAccent == 0 }
    }
    if lowercases { lowercase() }
  }

  /// `ByteLevel`: writes each byte as the character that GPT-2's alphabet has for it.
  public mutating func encodeByteLevel() {
    var rewriter = TextRewriter(self)
    var offset = 0
    while !rewriter.isAtEnd {
      let length = rewriter.next().length
      rewriter.replace(with: ByteAlphabet.scalar(of: bytes[offset]))
      for index in (offset + 1)..<max(offset + 1, offset + length) {
        rewriter.insert(ByteAlphabet.scalar(of: bytes[index]))
      }
      offset += length
    }
    self = rewriter.finished()
  }

  private mutating func separateChinese() {
    var rewriter: TextRewriter?
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: offset)
      if Self.classes[scalar] & ClassBit.chinese != 0 {
        var writer = rewriter.take() ?? TextRewriter(self)
        writer.copy(upTo: offset)
        writer.replace(with: 0x20)
        writer.insert(scalar)
        writer.insert(0x20)
        rewriter = writer
      }
      offset += length
    }
    guard var rewriter else { return }
    rewriter.copy(upTo: bytes.count)
    self = rewriter.finished()
  }

  private enum ClassBit {
    static let accent: UInt8 = 1
    static let control: UInt8 = 2
    static let whiteSpace: UInt8 = 4
    static let chinese: UInt8 = 8
    static let bertAccent: UInt8 = 16
  }

  private static let classes = ScalarTable(
    bits: [
      ScalarClass.huggingFaceAccent, .bertControl, .whiteSpace, .bertChinese, .bertAccent,
    ].map(\.set))

  private static let decomposer = UnicodeNormalizer(.nfd, version: .huggingFace)
}

/// GPT-2's alphabet: a printable character for each byte.
///
/// Bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and on.
public enum ByteAlphabet {
  /// The character of a byte.
  @inlinable public static func scalar(of byte: UInt8) -> UInt32 {
    switch byte {
    case 0...0x20: 0x100 + UInt32(byte)
    case 0x7F...0xA0: 0x121 + UInt32(byte) - 0x7F
    case 0xAD: 0x143
    default: UInt32(byte)
    }
  }

  /// The byte of a character, or nil where the alphabet has no such character.
  @inlinable public static func byte(of scalar: UInt32) -> UInt8? {
    switch scalar {
    case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: UInt8(scalar)
    case 0x100...0x120: UInt8(scalar - 0x100)
    case 0x121...0x142: UInt8(scalar - 0x121 + 0x7F)
    case 0x143: 0xAD
    default: nil
    }
  }
}
