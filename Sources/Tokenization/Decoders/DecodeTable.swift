// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// What each token becomes in a text, for decoders in which a token's text hardly depends on others.
final class DecodeTable: Sendable {
  /// How tokens become one text.
  enum Style: Sendable, Equatable {
    /// Bytes are joined.
    case bytes
    /// Runs of byte tokens become text, or U+FFFD each where they are not UTF-8; then one text, of
    /// which up to `start` and `stop` spaces are taken away at the ends.
    case pieces(start: Int, stop: Int)
  }

  /// Offset in the arena (32 bits), length (24) and flags.
  private static let isKnown: UInt64 = 1 << 56
  private static let isSkipped: UInt64 = 1 << 57
  private static let isByte: UInt64 = 1 << 58
  /// Short pieces are copied by so many bytes, whatever their length.
  private static let stride = 16

  private let style: Style
  private let entries: ConstantTable<UInt64>
  private let arena: ConstantTable<UInt8>

  /// The table of a tokenizer, or nil where its decoder needs more.
  init?(_ parts: Tokenizer.Parts) {
    guard let style = Self.style(parts) else { return nil }
    self.style = style
    var entries: [UInt64] = []
    var arena: [UInt8] = []
    let vocabulary = parts.configuration.model.vocabulary
    for id in 0..<UInt32(parts.identifierBound) {
      let start = arena.count
      var flags: UInt64 = 0
      let added = parts.added.spelling(of: id)
      if style == .bytes {
        if let added {
          if !ByteAlphabet.append(bytesSpelledBy: added, to: &arena) { arena += added }
          flags = Self.isKnown
        } else if vocabulary.appendBytes(of: id, to: &arena) {
          flags = Self.isKnown
        }
      } else if let spelling = added ?? vocabulary.spelling(of: id) {
        flags = Self.isKnown
        let text = TokenDecoder.replace(spelling, .literal(Metaspace.utf8), [0x20])
        if let byte = TokenDecoder.fallbackByte(text) {
          arena.append(byte)
          flags |= Self.isByte
        } else {
          arena += text
        }
      }
      if parts.added.isSkipped(id) { flags |= Self.isSkipped }
      guard arena.count < 1 << 32, arena.count - start < 1 << 24 else { return nil }
      entries.append(UInt64(start) | UInt64(arena.count - start) << 32 | flags)
    }
    arena += [UInt8](repeating: 0, count: Self.stride)
    self.entries = ConstantTable(entries)
    self.arena = ConstantTable(arena)
  }

  private static func style(_ parts: Tokenizer.Parts) -> Style? {
    if parts.decodesBytes { return .bytes }
    guard case .sequence(let steps)? = parts.configuration.decoder, steps.count >= 3,
      case .replace(.literal(Metaspace.utf8), with: [0x20]) = steps[0],
      case .byteFallback = steps[1], case .fuse = steps[2]
    else { return nil }
    if steps.count == 3 { return .pieces(start: 0, stop: 0) }
    guard steps.count == 4, case .strip(" ", let start, let stop) = steps[3] else { return nil }
    return .pieces(start: start, stop: stop)
  }

  /// The bytes of tokens.
  ///
  /// - Throws: ``TokenizerError`` for an id that has no token.
  func decode(_ ids: some Sequence<TokenID>, skippingSpecialTokens: Bool) throws(TokenizerError)
    -> [UInt8]
  {
    let ids = ContiguousArray(ids)
    let entries = entries.view
    let count = self.entries.count
    var size = 0
    for id in ids {
      let entry = Int(id) < count ? entries[Int(id)] : 0
      guard entry & Self.isKnown != 0 else {
        throw TokenizerError(.unknownIdentifier(Int(id), vocabularySize: count))
      }
      // A byte token may become U+FFFD.
      size += entry & Self.isByte == 0 ? Int(entry >> 32 & 0xFF_FFFF) : 3
    }
    let skipped = skippingSpecialTokens ? Self.isSkipped : 0
    let arena = arena
    let style = style
    return [UInt8](copyingUpTo: size + Self.stride) { output in
      var run = 0
      for id in ids {
        let entry = entries[Int(id)]
        if entry & skipped != 0 { continue }
        if entry & Self.isByte == 0, run > 0 {
          output.repairTail(run)
          run = 0
        }
        output.append(arena, Int(entry & 0xFFFF_FFFF), Int(entry >> 32 & 0xFF_FFFF))
        if entry & Self.isByte != 0 { run += 1 }
      }
      output.repairTail(run)
      if case .pieces(let start, let stop) = style { output.strip(start: start, stop: stop) }
    }
  }
}
