// SPDX-License-Identifier: Apache-2.0

/// The bytes of a text with the origins of its pieces.
@safe struct TextStorage: BitwiseCopyable, @unchecked Sendable {
  @safe private struct Cell: BitwiseCopyable {
    var bytes: ArenaBuffer<UInt8>
    var origin = Origin.none
    var generation: Int32 = 0
    var pieces = ArenaBuffer<RawPiece>()
  }

  // SAFETY: written once, here; it lies in the arena of the render or template that made it.
  private let cell: UnsafePointer<Cell>

  init(_ bytes: ArenaBuffer<UInt8>, origin: Origin, generation: Int32 = 0) {
    unsafe cell = UnsafePointer(
      Arena.store(Cell(bytes: bytes, origin: origin, generation: generation)))
  }

  /// The same in an arena at hand.
  init(_ bytes: ArenaBuffer<UInt8>, origin: Origin, in arena: Arena) {
    unsafe cell = UnsafePointer(arena.store(Cell(bytes: bytes, origin: origin)))
  }

  init(_ bytes: ArenaBuffer<UInt8>, pieces: ArenaBuffer<RawPiece>) {
    var cell = Cell(bytes: bytes)
    if pieces.count > 1 {
      cell.pieces = pieces
      cell.origin = .mixed
    } else if let piece = pieces.first {
      cell.origin = piece.origin
      cell.generation = piece.generation
    }
    unsafe self.cell = UnsafePointer(Arena.store(cell))
  }

  var bytes: ArenaBuffer<UInt8> { unsafe cell.pointee.bytes }

  /// The one origin of all bytes, where `pieces` is empty.
  var origin: Origin { unsafe cell.pointee.origin }

  var generation: Int32 { unsafe cell.pointee.generation }

  /// In order and without gaps; empty for a text of one piece.
  var pieces: ArenaBuffer<RawPiece> { unsafe cell.pointee.pieces }

  static func === (left: TextStorage, right: TextStorage) -> Bool {
    unsafe left.cell == right.cell
  }
}

/// A string of the template: UTF-8 bytes, sliced without copying.
///
/// Lengths and indices of the language are Unicode scalars, as Python's.
struct Text: BitwiseCopyable, Sendable {
  let storage: TextStorage
  let start: Int32
  let end: Int32

  init(_ storage: TextStorage) {
    self.storage = storage
    start = 0
    end = Int32(truncatingIfNeeded: storage.bytes.count)
  }

  init(_ storage: TextStorage, _ start: Int, _ end: Int) {
    self.storage = storage
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }

  init(_ bytes: [UInt8], origin: Origin = .none) {
    self.init(TextStorage(ArenaBuffer(bytes), origin: origin))
  }

  init(_ string: String, origin: Origin = .none) {
    self.init(copying: string.utf8Span.span, origin)
  }

  /// A string of the caller's, which is not copied unless it is short.
  ///
  /// Whoever calls keeps the string as long as the arena.
  @inline(__always)
  init(caller string: String, _ origin: Origin, in arena: Arena) {
    let count = string.utf8.count
    let bytes = unsafe string.utf8.withContiguousStorageIfAvailable { source in
      // SAFETY: up to 15 bytes may lie within the string itself, and are copied. Longer ones lie
      // in memory that stays where it is while somebody keeps the string.
      guard let start = source.baseAddress, count <= 15 else {
        return unsafe source.baseAddress.map { unsafe ArenaBuffer($0, count: count) }
          ?? ArenaBuffer()
      }
      let copy = unsafe arena.allocate(UInt8.self, count: count)
      unsafe copy.initialize(from: start, count: count)
      return unsafe ArenaBuffer(copy, count: count)
    }
    self.init(TextStorage(bytes ?? ArenaBuffer(Array(string.utf8)), origin: origin, in: arena))
  }

  init(copying bytes: Span<UInt8>, _ origin: Origin) {
    self.init(TextStorage(ArenaBuffer(copying: bytes), origin: origin))
  }

  static var empty: Text { Text(TextStorage(ArenaBuffer(), origin: .none)) }

  var byteCount: Int { Int(end &- start) }

  var isEmpty: Bool { start == end }

  var range: Range<Int> { Int(start)..<Int(end) }

  var bytes: Slice<ArenaBuffer<UInt8>> { storage.bytes[range] }

  /// For messages and for what compares with ASCII.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// A copy of the bytes.
  var array: [UInt8] { Array(bytes) }

  /// A part, by byte offsets from this text's start.
  func slice(_ from: Int, _ to: Int) -> Text {
    Text(storage, Int(start) + from, Int(start) + to)
  }

  /// The one origin of the text: the caller's where any piece is.
  var origin: Origin {
    if storage.pieces.isEmpty { return storage.origin }
    var origin: Origin?
    forEachPiece { _, _, piece in origin = origin?.combined(with: piece.origin) ?? piece.origin }
    return origin ?? .none
  }

  /// Calls with byte offsets into the storage.
  @inline(__always)
  func forEachPiece(_ body: (_ from: Int, _ to: Int, _ piece: RawPiece) -> Void) {
    if storage.pieces.isEmpty {
      if start < end {
        body(
          Int(start), Int(end),
          RawPiece(end: end, origin: storage.origin, generation: storage.generation))
      }
      return
    }
    forEachOfManyPieces(body)
  }

  private func forEachOfManyPieces(_ body: (_ from: Int, _ to: Int, _ piece: RawPiece) -> Void) {
    var from = start
    var low = 0
    var high = storage.pieces.count
    while low < high {
      let middle = (low + high) / 2
      if storage.pieces[middle].end <= start { low = middle + 1 } else { high = middle }
    }
    while low < storage.pieces.count, from < end {
      let piece = storage.pieces[low]
      let to = min(piece.end, end)
      if to > from { body(Int(from), Int(to), piece) }
      from = to
      low += 1
    }
  }
}

extension Text {
  /// Compares bytes.
  static func == (left: Text, right: Text) -> Bool {
    let count = left.byteCount
    guard count == right.byteCount else { return false }
    if left.storage === right.storage, left.start == right.start { return true }
    return Bytes.equal(
      left.storage.bytes, Int(left.start), right.storage.bytes, Int(right.start), count)
  }

  /// Orders by bytes, which is the order of scalars.
  func compare(_ other: Text) -> Int {
    let order = Bytes.compare(
      storage.bytes, Int(start), other.storage.bytes, Int(other.start),
      min(byteCount, other.byteCount))
    return order != 0 ? order : byteCount - other.byteCount
  }

  var hash: Int { Bytes.hash(storage.bytes, Int(start), Int(end)) }

  var isASCII: Bool { Bytes.isASCII(storage.bytes, Int(start), Int(end)) }

  /// Unicode scalars.
  var scalarCount: Int { Bytes.scalarCount(storage.bytes, Int(start), Int(end)) }

  /// The byte offset of a scalar from this text's start; the count of bytes past the end.
  func byteOffset(ofScalar index: Int) -> Int {
    var remaining = index
    var offset = Int(start)
    while offset < Int(end), remaining > 0 {
      offset += UTF8Scalars.length(storage.bytes[offset])
      remaining -= 1
    }
    return min(offset, Int(end)) - Int(start)
  }

  /// The place of a text in this one from a byte offset on.
  func find(_ other: Text, from: Int = 0) -> Int? {
    Bytes.find(
      other.storage.bytes, Int(other.start), other.byteCount, in: storage.bytes,
      from: Int(start) + from, to: Int(end)
    ).map { $0 - Int(start) }
  }

  func findLast(_ other: Text, before limit: Int? = nil) -> Int? {
    var place = (limit ?? byteCount) - other.byteCount
    while place >= 0 {
      if hasBytes(of: other, at: place) { return place }
      place -= 1
    }
    return nil
  }

  func hasBytes(of other: Text, at place: Int) -> Bool {
    place >= 0 && place + other.byteCount <= byteCount
      && Bytes.equal(
        storage.bytes, Int(start) + place, other.storage.bytes, Int(other.start), other.byteCount)
  }

  func hasPrefix(_ other: Text) -> Bool { hasBytes(of: other, at: 0) }

  func hasSuffix(_ other: Text) -> Bool { hasBytes(of: other, at: byteCount - other.byteCount) }

  func contains(_ other: Text) -> Bool { find(other) != nil }

  /// Text that equals an ASCII literal.
  func isEqual(_ literal: StaticString) -> Bool {
    guard byteCount == literal.utf8CodeUnitCount else { return false }
    for offset in 0..<byteCount
    where unsafe storage.bytes[Int(start) + offset] != literal.utf8Start[offset] {
      return false
    }
    return true
  }

  /// The scalars, decoded.
  var scalars: [Unicode.Scalar] {
    var output: [Unicode.Scalar] = []
    output.reserveCapacity(byteCount)
    var offset = Int(start)
    while offset < Int(end) {
      let (scalar, length) = UTF8Scalars.decode(storage.bytes, at: offset)
      output.append(scalar)
      offset += length
    }
    return output
  }
}
