// SPDX-License-Identifier: Apache-2.0

/// The notes of a render, in order, in memory of their own.
@safe
struct NoteBuffer: ~Copyable, @unchecked Sendable {
  // SAFETY: it has one owner, and is written only by who owns it alone.
  private var base: UnsafeMutablePointer<SegmentNote>
  private var capacity: Int
  private(set) var count = 0

  /// A buffer with room for so many notes: growing means copying.
  init(capacity: Int) {
    self.capacity = max(capacity, 8)
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit {
    // SAFETY: allocated by us, and given to no one.
    unsafe base.deallocate()
  }

  /// A note.
  @inline(__always)
  subscript(index: Int) -> SegmentNote {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  @inline(__always)
  mutating func append(_ note: SegmentNote) {
    if count == capacity { grow() }
    unsafe (base + count).initialize(to: note)
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    capacity *= 2
    let larger = UnsafeMutablePointer<SegmentNote>.allocate(capacity: capacity)
    // SAFETY: the new memory has room for the notes, which the old one holds.
    unsafe larger.initialize(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = unsafe larger
  }

  /// Drops all notes from one on.
  mutating func remove(from index: Int) {
    precondition(index >= 0)
    count = min(count, index)
  }

  /// Where a note's bytes start in the text.
  func start(of index: Int) -> Int { index > 0 ? self[index - 1].end : 0 }

  /// The bytes of a note, while the render goes on.
  func text(of note: SegmentNote, from start: Int) -> HeldText {
    guard let address = unsafe UnsafePointer<UInt8>(bitPattern: note.address) else {
      preconditionFailure("a note has an address")
    }
    // SAFETY: the render holds what it took notes on.
    return unsafe HeldText(address, count: note.end - start)
  }

  /// All of it as one text, while the render goes on.
  func joined() -> String {
    let length = start(of: count)
    return unsafe String(unsafeUninitializedCapacity: length) { buffer in
      guard let target = buffer.baseAddress, buffer.count >= length else { return 0 }
      var start = 0
      for index in 0..<count {
        // SAFETY: ends ascend up to `length`, and the render holds what it took notes on.
        let note = unsafe base[index]
        if let source = unsafe UnsafeRawPointer(bitPattern: note.address) {
          unsafe copyBytes(from: source, to: target + start, count: note.end - start)
        }
        start = note.end
      }
      return length
    }
  }
}
