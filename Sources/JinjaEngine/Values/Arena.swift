// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The memory of one render, or of one compiled template.
///
/// All that is made in it lives until it goes, as a whole. So a ``Value`` is plain bytes that point
/// in here: copying one counts no references, containers may hold each other in circles and as deep
/// as they like, and nothing is freed one by one. What a render leaves behind is bounded by
/// ``RenderBudget/memoryBytes``.
@safe final class Arena: @unchecked Sendable {
  // SAFETY: no access to these re-enters another; unchecked, since they are used all the time.
  @exclusivity(unchecked) private var cursor: UInt = 0
  @exclusivity(unchecked) private var limit: UInt = 0
  /// What most renders make do with.
  @exclusivity(unchecked) private var firstChunk: UnsafeMutableRawPointer?
  @exclusivity(unchecked) private var otherChunks: [UnsafeMutableRawPointer] = unsafe []
  /// Objects that values point to.
  @exclusivity(unchecked) private var kept: [AnyObject] = []
  @exclusivity(unchecked) private var allocated = 0

  private static let smallestChunk = 16 << 10
  private static let largestChunk = 1 << 20
  /// About what an object takes.
  private static let objectBytes = 96

  /// Bytes that were asked for, objects included.
  var byteCount: Int { unsafe allocated }

  deinit { clear() }

  /// Frees all that was made here, when nobody will look at it any more.
  func clear() {
    unsafe free(firstChunk)
    unsafe otherChunks.forEach { unsafe free($0) }
    unsafe firstChunk = nil
    unsafe otherChunks = unsafe []
    unsafe kept = []
    unsafe cursor = 0
    unsafe limit = 0
  }

  // MARK: The running render's

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = unsafe pthread_key_create(&key, nil)
    precondition(status == 0, "the system has no thread-local storage left")
    return key
  }()

  /// Runs a closure whose values are made in this arena.
  func use<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = unsafe pthread_getspecific(Self.key)
    unsafe pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    defer { unsafe pthread_setspecific(Self.key, outer) }
    return try body()
  }

  /// The arena of the thread's running render or compilation.
  @unsafe static var current: Unmanaged<Arena> {
    guard let pointer = unsafe pthread_getspecific(key) else {
      preconditionFailure("values are made while a template is compiled or rendered")
    }
    return unsafe Unmanaged.fromOpaque(pointer)
  }

  // MARK: Allocation

  /// Room for elements, not initialized.
  @inline(__always)
  static func allocate<Element: BitwiseCopyable>(
    _ type: Element.Type, count: Int
  ) -> UnsafeMutablePointer<Element> {
    // SAFETY: the arena lives until its render ends.
    unsafe current._withUnsafeGuaranteedRef { unsafe $0.allocate(type, count: count) }
  }

  /// The same in this arena, for who has it at hand.
  @inline(__always)
  func allocate<Element: BitwiseCopyable>(
    _ type: Element.Type, count: Int
  ) -> UnsafeMutablePointer<Element> {
    unsafe allocate(bytes: count * MemoryLayout<Element>.stride).assumingMemoryBound(to: type)
  }

  /// Room for one thing, initialized.
  @inline(__always)
  static func store<Element: BitwiseCopyable>(_ value: Element) -> UnsafeMutablePointer<Element> {
    let place = unsafe allocate(Element.self, count: 1)
    unsafe place.initialize(to: value)
    return unsafe place
  }

  /// The same in this arena.
  @inline(__always)
  func store<Element: BitwiseCopyable>(_ value: Element) -> UnsafeMutablePointer<Element> {
    let place = unsafe allocate(Element.self, count: 1)
    unsafe place.initialize(to: value)
    return unsafe place
  }

  /// Keeps an object alive as long as the values of the arena.
  static func keep(_ object: AnyObject) {
    unsafe current._withUnsafeGuaranteedRef {
      unsafe $0.kept.append(object)
      unsafe $0.allocated &+= objectBytes
    }
  }

  /// Memory for all types of values: aligned to 8 bytes.
  @inline(__always)
  private func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let size = UInt(bitPattern: bytes &+ 7) & ~7
    unsafe allocated &+= Int(bitPattern: size)
    if unsafe size > limit &- cursor { return unsafe allocateChunk(for: size) }
    let start = unsafe cursor
    unsafe cursor = start &+ size
    // SAFETY: the address lies in the current chunk, which is not empty.
    return unsafe UnsafeMutableRawPointer(bitPattern: start).unsafelyUnwrapped
  }

  @inline(never)
  private func allocateChunk(for size: UInt) -> UnsafeMutableRawPointer {
    let standard = unsafe min(
      Self.smallestChunk << min(otherChunks.count, 16), Self.largestChunk)
    // What is large gets a chunk of its own, and the current one stays in use.
    let isOwn = Int(size) > standard / 4
    let count = isOwn ? Int(size) : standard
    guard let chunk = unsafe malloc(max(count, 8)) else { fatalError("out of memory") }
    if unsafe firstChunk == nil {
      unsafe firstChunk = unsafe chunk
    } else {
      unsafe otherChunks.append(chunk)
    }
    if !isOwn {
      unsafe cursor = UInt(bitPattern: chunk) + size
      unsafe limit = UInt(bitPattern: chunk) + UInt(count)
    }
    return unsafe chunk
  }
}

/// Elements in an arena that never change: plain bytes, read without reference counting.
@safe
struct ArenaBuffer<Element: BitwiseCopyable>: RandomAccessCollection, BitwiseCopyable,
  @unchecked Sendable
{
  // SAFETY: whoever holds the buffer lives no longer than the arena; indices are checked.
  private let base: UnsafePointer<Element>
  let count: Int

  /// No elements.
  init() {
    unsafe base = UnsafePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    count = 0
  }

  init(_ base: UnsafePointer<Element>, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  /// A copy of the elements.
  init(copying elements: Span<Element>) {
    guard !elements.isEmpty else {
      self.init()
      return
    }
    let base = unsafe Arena.allocate(Element.self, count: elements.count)
    unsafe elements.withUnsafeBufferPointer {
      // SAFETY: both hold `count` elements.
      if let source = $0.baseAddress { unsafe base.initialize(from: source, count: $0.count) }
    }
    unsafe self.init(base, count: elements.count)
  }

  init(_ elements: [Element]) { self.init(copying: elements.span) }

  /// A copy.
  var array: [Element] {
    @inline(__always) get { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }
  }

  /// Some of the elements, where they lie.
  func part(from start: Int, count: Int) -> ArenaBuffer {
    precondition(start >= 0 && count >= 0 && start + count <= self.count, "a part of a buffer")
    return unsafe ArenaBuffer(base + start, count: count)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  @inline(__always)
  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "an index outside of an arena's buffer")
    return unsafe base[index]
  }

  @inline(__always)
  func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    unsafe try body(UnsafeBufferPointer(start: base, count: count))
  }

  @inline(__always)
  func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
    unsafe body(UnsafeBufferPointer(start: base, count: count))
  }
}

/// Elements in an arena, as many as are appended.
@safe struct ArenaArray<Element: BitwiseCopyable>: BitwiseCopyable {
  // SAFETY: as for `ArenaBuffer`; what is outgrown stays behind until the arena goes.
  private var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 0) {
    self.capacity = capacity
    unsafe base =
      capacity == 0
      ? UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
      : Arena.allocate(Element.self, count: capacity)
  }

  /// Elements that lie in the arena already.
  init(_ elements: UnsafeMutablePointer<Element>, count: Int) {
    unsafe base = unsafe elements
    self.count = count
    capacity = count
  }

  init(repeating element: Element, count: Int) {
    self.init(capacity: count)
    unsafe base.initialize(repeating: element, count: count)
    self.count = count
  }

  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    unsafe (base + count).initialize(to: element)
    count &+= 1
  }

  var isEmpty: Bool { count == 0 }

  var last: Element? { count > 0 ? self[count - 1] : nil }

  /// Drops all elements from a count on.
  mutating func removeAll(from count: Int) {
    precondition(count >= 0 && count <= self.count, "fewer elements than there are")
    self.count = count
  }

  @inline(never)
  private mutating func grow(by additional: Int = 1) {
    let larger = max(4, capacity * 2, count + additional)
    let room = unsafe Arena.allocate(Element.self, count: larger)
    unsafe room.initialize(from: base, count: count)
    unsafe base = unsafe room
    capacity = larger
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "an index outside of an arena's array")
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count, "an index outside of an arena's array")
      unsafe base[index] = newValue
    }
  }

  /// The elements so far.
  var elements: ArenaBuffer<Element> { unsafe ArenaBuffer(base, count: count) }
}

extension ArenaArray<UInt8> {
  /// Appends a part of some bytes.
  ///
  /// Short ones, of which templates are full, cost no call.
  @inline(__always)
  mutating func append(_ bytes: ArenaBuffer<UInt8>, _ range: Range<Int>) {
    precondition(range.upperBound <= bytes.count, "bytes beyond the end of a buffer")
    let added = range.count
    if added > capacity &- count { grow(by: added) }
    // SAFETY: the range lies in the buffer, there is room for it, and every load and store below
    // stays within the `added` bytes.
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      let from = unsafe UnsafeRawPointer(start + range.lowerBound)
      let to = unsafe UnsafeMutableRawPointer(base + count)
      switch added {
      case 8...16: unsafe Self.copyEnds(UInt64.self, from, to, added)
      case 17...32: unsafe Self.copyEnds(SIMD16<UInt8>.self, from, to, added)
      case 4...7: unsafe Self.copyEnds(UInt32.self, from, to, added)
      default: unsafe to.copyMemory(from: from, byteCount: added)
      }
    }
    count &+= added
  }

  /// Copies as many bytes as one or two words have: the first word and the last, which may overlap.
  @inline(__always)
  private static func copyEnds<Word: BitwiseCopyable>(
    _ type: Word.Type, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ count: Int
  ) {
    let last = count &- MemoryLayout<Word>.size
    let head = unsafe from.loadUnaligned(as: type)
    let tail = unsafe from.loadUnaligned(fromByteOffset: last, as: type)
    unsafe to.storeBytes(of: head, as: type)
    unsafe to.storeBytes(of: tail, toByteOffset: last, as: type)
  }
}
