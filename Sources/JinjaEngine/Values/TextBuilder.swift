// SPDX-License-Identifier: Apache-2.0

/// Text that is being put together in the arena of the render, with the origins of its pieces.
///
/// What it outgrows stays behind in the arena: as much again as the text, at most.
struct TextBuilder: BitwiseCopyable {
  private var written = ArenaArray<UInt8>()
  private var ends = ArenaArray<RawPiece>()

  init() {}

  /// A builder with room.
  init(bytes: Int, pieces: Int) {
    written = ArenaArray(capacity: bytes)
    ends = ArenaArray(capacity: pieces)
  }

  /// Bytes so far.
  var count: Int { written.count }

  var bytes: ArenaBuffer<UInt8> { written.elements }

  /// In order and without gaps.
  var pieces: ArenaBuffer<RawPiece> { ends.elements }

  @inline(__always)
  private mutating func extendPiece(_ origin: Origin, _ generation: Int32) {
    let end = Int32(truncatingIfNeeded: written.count)
    let last = ends.count &- 1
    if last >= 0, ends[last].origin == origin, ends[last].generation == generation {
      ends[last].end = end
    } else {
      ends.append(RawPiece(end: end, origin: origin, generation: generation))
    }
  }

  @inline(__always)
  mutating func append(_ text: Text) {
    if text.storage.pieces.isEmpty {
      append(
        text.storage.bytes, text.range, origin: text.storage.origin,
        generation: text.storage.generation)
    } else {
      appendPieces(text)
    }
  }

  private mutating func appendPieces(_ text: Text) {
    text.forEachPiece { from, to, piece in
      append(text.storage.bytes, from..<to, origin: piece.origin, generation: piece.generation)
    }
  }

  /// As ``append(_:)``, with text of no `generation` block put into one.
  mutating func append(_ text: Text, generation: Int32) {
    text.forEachPiece { from, to, piece in
      append(
        text.storage.bytes, from..<to, origin: piece.origin,
        generation: piece.generation != 0 ? piece.generation : generation)
    }
  }

  /// Appends a part of some bytes.
  @inline(__always)
  mutating func append(
    _ source: ArenaBuffer<UInt8>, _ range: Range<Int>, origin: Origin, generation: Int32 = 0
  ) {
    if range.isEmpty { return }
    written.append(source, range)
    extendPiece(origin, generation)
  }

  mutating func append(_ new: some Collection<UInt8>, origin: Origin, generation: Int32 = 0) {
    if new.isEmpty { return }
    for byte in new { written.append(byte) }
    extendPiece(origin, generation)
  }

  mutating func append(byte: UInt8, origin: Origin, generation: Int32 = 0) {
    written.append(byte)
    extendPiece(origin, generation)
  }

  mutating func removeAll(from count: Int) {
    written.removeAll(from: count)
    while ends.count > 0, ends[ends.count - 1].end > count {
      let last = ends.count - 1
      let start = last > 0 ? ends[last - 1].end : 0
      if start >= count {
        ends.removeAll(from: last)
      } else {
        ends[last].end = Int32(count)
      }
    }
  }

  /// A copy of the text from a byte on.
  func copy(from start: Int) -> Text {
    let part = Text(TextStorage(bytes, pieces: pieces), start, count)
    return Text(TextStorage(ArenaBuffer(part.array), pieces: ArenaBuffer(part.relativePieces)))
  }

  /// The text, in the builder's own memory: the builder must not change any more.
  var text: Text { Text(TextStorage(bytes, pieces: pieces)) }
}
