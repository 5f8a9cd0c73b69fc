// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The items of a list or tuple.
///
/// The caller's arrays are opened when they are first looked into. Lists never change otherwise:
/// the sandbox lets no method through that would.
@safe struct ListBox: BitwiseCopyable {
  @safe private struct Cell: BitwiseCopyable {
    var items = ArenaBuffer<Value>()
    /// Where the caller's array lies, until it is opened.
    var source: OriginTree.Source?
    var tree: Unmanaged<OriginTree>?
    var count: Int
    var origin = Origin.none
    var isGroup = false
  }

  // SAFETY: the cell lies in the arena of the render that made it.
  private let cell: UnsafeMutablePointer<Cell>

  init(_ items: [Value], isGroup: Bool = false) { self.init(ArenaBuffer(items), isGroup: isGroup) }

  init(_ items: ArenaBuffer<Value>, isGroup: Bool = false) {
    unsafe cell = Arena.store(Cell(items: items, count: items.count, isGroup: isGroup))
  }

  /// An array of the caller's.
  @inline(__always)
  init(
    count: Int, origin: Origin, tree: OriginTree, source: OriginTree.Source, in arena: Arena
  ) {
    unsafe cell = arena.store(
      Cell(
        source: source, tree: Unmanaged.passUnretained(tree), count: count, origin: origin))
  }

  var count: Int { unsafe cell.pointee.count }

  var origin: Origin { unsafe cell.pointee.origin }

  /// A `groupby` group, which has names for its two items.
  var isGroup: Bool { unsafe cell.pointee.isGroup }

  var items: ArenaBuffer<Value> {
    if unsafe cell.pointee.source != nil { open() }
    return unsafe cell.pointee.items
  }

  /// A copy of the items.
  var array: [Value] { Array(items) }

  @inline(__always)
  subscript(index: Int) -> Value { items[index] }

  private func open() {
    guard let tree = unsafe cell.pointee.tree, let source = unsafe cell.pointee.source else {
      return
    }
    unsafe cell.pointee.source = nil
    unsafe cell.pointee.items = tree._withUnsafeGuaranteedRef {
      unsafe $0.openList(source, count: count, origin.node)
    }
  }

  /// Whether two are the same object.
  static func === (left: ListBox, right: ListBox) -> Bool { unsafe left.cell == right.cell }
}

/// The members of a dictionary in the order of insertion.
///
/// The caller's objects are opened in two steps: values and the numbers of their keys when the
/// first member is read, the keys themselves when somebody asks for keys.
@safe struct DictBox: BitwiseCopyable {
  private enum State { case closed, hasValues, open }

  @safe private struct Cell: BitwiseCopyable {
    var members = Members()
    var state = State.open
    var firstNode: Int32 = 0
    /// Where the caller's object lies.
    var source: OriginTree.Source?
    var count = 0
    var tree: Unmanaged<OriginTree>?
    var origin = Origin.none
  }

  // SAFETY: the cell lies in the arena of the render that made it.
  private let cell: UnsafeMutablePointer<Cell>

  init() { unsafe cell = Arena.store(Cell()) }

  /// An object of the caller's.
  @inline(__always)
  init(
    count: Int, origin: Origin, tree: OriginTree, source: OriginTree.Source, in arena: Arena
  ) {
    unsafe cell = arena.store(
      Cell(
        state: .closed, source: source, count: count, tree: Unmanaged.passUnretained(tree),
        origin: origin))
  }

  var count: Int {
    unsafe cell.pointee.state == .open ? cell.pointee.members.keys.count : cell.pointee.count
  }

  var origin: Origin { unsafe cell.pointee.origin }

  var keys: ArenaBuffer<Value> {
    openKeys()
    return unsafe cell.pointee.members.keys.elements
  }

  var values: ArenaBuffer<Value> {
    openValues()
    return unsafe cell.pointee.members.values.elements
  }

  func key(at place: Int) -> Value { keys[place] }

  func value(at place: Int) -> Value { values[place] }

  @inline(__always)
  private func openValues() {
    if unsafe cell.pointee.state == .closed { readValues() }
  }

  @inline(__always)
  private func openKeys() {
    if unsafe cell.pointee.state != .open { readKeys() }
  }

  private func readValues() {
    guard let tree = unsafe cell.pointee.tree, let source = unsafe cell.pointee.source else {
      return
    }
    let opened = unsafe tree._withUnsafeGuaranteedRef {
      unsafe $0.openObject(source, origin.node)
    }
    unsafe cell.pointee.firstNode = opened.first
    unsafe cell.pointee.members = Members(opened.values, symbols: opened.symbols)
    unsafe cell.pointee.state = .hasValues
  }

  private func readKeys() {
    openValues()
    guard let tree = unsafe cell.pointee.tree?.takeUnretainedValue(),
      let source = unsafe cell.pointee.source
    else { return }
    var node = unsafe cell.pointee.firstNode
    let step: Int32 = node == Origin.mixed.node ? 0 : 1
    for key in unsafe tree.keys(source) {
      let text = Text(key.string, origin: Origin(node: node, isKey: true))
      unsafe cell.pointee.members.append(.string(text), hash: text.hash)
      node &+= step
    }
    unsafe cell.pointee.state = .open
  }

  /// The place of a string key.
  func place(of key: Text, hash: Int) -> Int? {
    openKeys()
    return unsafe cell.pointee.members.place(of: key, hash: hash)
  }

  /// The value of a name of the template.
  @inline(__always)
  func value(of name: Int32, in program: Program) -> Value? {
    openValues()
    if unsafe cell.pointee.members.hasSymbols {
      return unsafe cell.pointee.members.value(of: name)
    }
    let name = program.names[Int(name)]
    return unsafe cell.pointee.members.value(of: name.text, hash: name.hash)
  }

  /// Whether there is a member of a name of the template.
  func contains(_ name: Int32, in program: Program) -> Bool {
    value(of: name, in: program) != nil
  }

  /// The value of a string key.
  subscript(key: Text) -> Value? {
    openKeys()
    return unsafe cell.pointee.members.value(of: key, hash: key.hash)
  }

  /// The place of any key, which must be hashable.
  func place(of key: Value) throws(JinjaError) -> Int? {
    if let text = key.text { return place(of: text, hash: text.hash) }
    let hash = try key.pythonHash()
    openKeys()
    return unsafe cell.pointee.members.place(hash) { $0.isEqualKey(key) }
  }

  /// Sets a member of a dictionary that is being built.
  func set(_ key: Value, to value: Value) throws(JinjaError) {
    if let place = try place(of: key) {
      unsafe cell.pointee.members.values[place] = value
      return
    }
    let hash = try key.pythonHash()
    unsafe cell.pointee.members.values.append(value)
    unsafe cell.pointee.members.append(key, hash: hash)
  }

  func copy() throws(JinjaError) -> DictBox {
    let box = DictBox()
    for place in 0..<count { try box.set(key(at: place), to: value(at: place)) }
    return box
  }

  /// Whether two are the same object.
  static func === (left: DictBox, right: DictBox) -> Bool { unsafe left.cell == right.cell }
}

/// Keys and values with an index by hash.
private struct Members: BitwiseCopyable {
  var keys = ArenaArray<Value>()
  var values = ArenaArray<Value>()
  private var hashes = ArenaArray<Int>()
  /// Places by hash, for dictionaries that are too long to scan; open addressing, -1 is free.
  private var table = ArenaArray<Int32>()
  /// The keys as names of the template, for the caller's objects.
  private var symbols = ArenaBuffer<Int32>()

  init() {}

  init(_ values: ArenaArray<Value>, symbols: ArenaBuffer<Int32>) {
    self.values = values
    self.symbols = symbols
  }

  var hasSymbols: Bool { !symbols.isEmpty }

  @inline(__always)
  func value(of symbol: Int32) -> Value? {
    for place in 0..<symbols.count where symbols[place] == symbol { return values[place] }
    return nil
  }

  private static let scanLimit = 12

  mutating func append(_ key: Value, hash: Int) {
    keys.append(key)
    hashes.append(hash)
    if table.count == 0 {
      if hashes.count > Self.scanLimit { rebuildTable() }
    } else if hashes.count * 2 > table.count {
      rebuildTable()
    } else {
      enter(hashes.count - 1)
    }
  }

  func place(of key: Text, hash: Int) -> Int? {
    place(hash) { $0.text.map { $0 == key } ?? false }
  }

  func value(of key: Text, hash: Int) -> Value? {
    place(of: key, hash: hash).map { values[$0] }
  }

  @inline(__always)
  func place(_ hash: Int, _ isWanted: (Value) -> Bool) -> Int? {
    if table.count == 0 {
      for index in 0..<hashes.count where hashes[index] == hash {
        if isWanted(keys[index]) { return index }
      }
      return nil
    }
    let mask = table.count - 1
    var slot = hash & mask
    while table[slot] >= 0 {
      let place = Int(table[slot])
      if hashes[place] == hash, isWanted(keys[place]) { return place }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func rebuildTable() {
    var size = 32
    while size < hashes.count * 4 { size *= 2 }
    table = ArenaArray(repeating: -1, count: size)
    for place in 0..<hashes.count { enter(place) }
  }

  private mutating func enter(_ place: Int) {
    let mask = table.count - 1
    var slot = hashes[place] & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(place)
  }
}
