// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The items of a list or tuple.
///
/// The caller's arrays are opened when they are first looked into. Lists never change otherwise:
/// the sandbox lets no method through that would.
final class ListBox {
  // SAFETY: no access to the two re-enters another; unchecked, since this is read all the time.
  @exclusivity(unchecked) private var opened: [Value]
  @exclusivity(unchecked) private var pending: (items: [JSONValue], tree: OriginTree)?
  let origin: Origin
  /// A `groupby` group, which has names for its two items.
  let isGroup: Bool
  /// Levels of containers in here, for those that templates build.
  let depth: Int
  let count: Int

  init(_ items: [Value], isGroup: Bool = false) {
    unsafe opened = items
    origin = .none
    self.isGroup = isGroup
    depth = Nesting.depth(above: items)
    count = items.count
  }

  init(_ items: [JSONValue], origin: Origin, tree: OriginTree, depth: Int) {
    unsafe opened = []
    unsafe pending = (items, tree)
    self.origin = origin
    isGroup = false
    self.depth = depth
    count = items.count
  }

  var items: [Value] {
    if unsafe pending != nil { open() }
    return unsafe opened
  }

  subscript(index: Int) -> Value {
    if unsafe pending != nil { open() }
    return unsafe opened[index]
  }

  private func open() {
    guard let (items, tree) = unsafe pending else { return }
    unsafe pending = nil
    let first = tree.open(origin.node, count: items.count, .elements)
    var values: [Value] = []
    values.reserveCapacity(items.count)
    var node = first
    for item in items {
      values.append(Value(item, origin: Origin(node: node), tree: tree, depth: depth + 1))
      node &+= first == Origin.mixed.node ? 0 : 1
    }
    unsafe opened = values
  }

  deinit {
    if depth > Nesting.recursionLimit { unsafe Nesting.release(&opened) }
  }

  fileprivate func handOver(to waiting: inout [Value]) {
    unsafe waiting += opened
    unsafe opened = []
  }
}

/// The members of a dictionary in the order of insertion.
///
/// The caller's objects are opened in two steps: values and the numbers of their keys when the
/// first member is read, the keys themselves when somebody asks for keys.
final class DictBox {
  private enum State { case closed, hasValues, open }

  // SAFETY: no access to these re-enters another; unchecked, since they are read all the time.
  @exclusivity(unchecked) private var members = Members()
  @exclusivity(unchecked) private var state = State.open
  @exclusivity(unchecked) private var firstNode: Int32 = 0
  private let source: JSONObject
  private let tree: OriginTree?
  let origin: Origin
  private(set) var depth: Int

  init() {
    source = JSONObject()
    tree = nil
    origin = .none
    depth = 1
  }

  init(_ object: JSONObject, origin: Origin, tree: OriginTree, depth: Int) {
    unsafe state = .closed
    source = object
    self.tree = tree
    self.origin = origin
    self.depth = depth
  }

  var count: Int { unsafe state == .open ? members.keys.count : source.count }

  var keys: [Value] {
    openKeys()
    return unsafe members.keys
  }

  var values: [Value] {
    openValues()
    return unsafe members.values
  }

  func key(at place: Int) -> Value {
    openKeys()
    return unsafe members.keys[place]
  }

  func value(at place: Int) -> Value {
    openValues()
    return unsafe members.values[place]
  }

  @inline(__always)
  private func openValues() {
    if unsafe state == .closed { readValues() }
  }

  @inline(__always)
  private func openKeys() {
    if unsafe state != .open { readKeys() }
  }

  private func readValues() {
    guard let tree else { return }
    let count = source.count
    let first = tree.open(origin.node, count: count, .members(source))
    let step: Int32 = first == Origin.mixed.node ? 0 : 1
    var values: [Value] = []
    values.reserveCapacity(count)
    var node = first
    for place in 0..<count {
      values.append(
        Value(source.value(at: place), origin: Origin(node: node), tree: tree, depth: depth + 1))
      node &+= step
    }
    let opened = Members(values, symbols: tree.symbols(of: source))
    unsafe firstNode = first
    unsafe members = opened
    unsafe state = .hasValues
  }

  private func readKeys() {
    openValues()
    let step: Int32 = unsafe firstNode == Origin.mixed.node ? 0 : 1
    var node = unsafe firstNode
    for (key, _) in source {
      let text = Text(key.string, origin: Origin(node: node, isKey: true))
      unsafe members.append(.string(text), hash: text.hash)
      node &+= step
    }
    unsafe state = .open
  }

  /// The place of a string key.
  func place(of key: Text, hash: Int) -> Int? {
    openKeys()
    return unsafe members.place(of: key, hash: hash)
  }

  /// The value of a name of the template.
  func value(of name: Int32, in program: Program) -> Value? {
    openValues()
    if unsafe members.hasSymbols { return unsafe members.value(of: name) }
    let name = program.names[Int(name)]
    return unsafe members.value(of: name.text, hash: name.hash)
  }

  /// Whether there is a member of a name of the template.
  func contains(_ name: Int32, in program: Program) -> Bool {
    openValues()
    if unsafe members.hasSymbols { return unsafe members.place(of: name) != nil }
    let name = program.names[Int(name)]
    return unsafe members.place(of: name.text, hash: name.hash) != nil
  }

  /// The value of a string key.
  func value(of key: Text, hash: Int) -> Value? {
    openKeys()
    return unsafe members.value(of: key, hash: hash)
  }

  subscript(key: Text) -> Value? { value(of: key, hash: key.hash) }

  /// The place of any key, which must be hashable.
  func place(of key: Value) throws(JinjaError) -> Int? {
    if let text = key.text { return place(of: text, hash: text.hash) }
    let hash = try key.pythonHash()
    openKeys()
    return unsafe members.place(hash) { $0.isEqualKey(key) }
  }

  /// Sets a member of a dictionary that is being built.
  func set(_ key: Value, to value: Value) throws(JinjaError) {
    depth = max(depth, 1 + Nesting.depth(of: value))
    if let place = try place(of: key) {
      unsafe members.values[place] = value
      return
    }
    let hash = try key.pythonHash()
    unsafe members.values.append(value)
    unsafe members.append(key, hash: hash)
  }

  /// Empties a dictionary that is no longer read.
  func removeAll() {
    unsafe members = Members()
  }

  func copy() throws(JinjaError) -> DictBox {
    let box = DictBox()
    for place in 0..<count { try box.set(key(at: place), to: value(at: place)) }
    return box
  }

  deinit {
    guard depth > Nesting.recursionLimit else { return }
    unsafe Nesting.release(&members.values)
    unsafe Nesting.release(&members.keys)
  }

  fileprivate func handOver(to waiting: inout [Value]) {
    unsafe waiting += members.values
    unsafe waiting += members.keys
    unsafe members = Members()
  }
}

/// Keys and values with an index by hash.
private struct Members {
  var keys: [Value] = []
  var values: [Value] = []
  private var hashes: [Int] = []
  /// Places by hash, for dictionaries that are too long to scan; open addressing, -1 is free.
  private var table: [Int32] = []
  /// The keys as names of the template, for the caller's objects.
  private var symbols: [Int32] = []

  init() {}

  init(_ values: [Value], symbols: [Int32]) {
    self.values = values
    self.symbols = symbols
  }

  var hasSymbols: Bool { !symbols.isEmpty }

  func place(of symbol: Int32) -> Int? {
    for place in 0..<symbols.count where symbols[place] == symbol { return place }
    return nil
  }

  func value(of symbol: Int32) -> Value? { place(of: symbol).map { values[$0] } }

  private static let scanLimit = 12

  mutating func append(_ key: Value, hash: Int) {
    keys.append(key)
    hashes.append(hash)
    if table.isEmpty {
      if hashes.count > Self.scanLimit { rebuildTable() }
    } else if hashes.count * 2 > table.count {
      rebuildTable()
    } else {
      enter(hashes.count - 1)
    }
  }

  func place(of key: Text, hash: Int) -> Int? {
    place(hash) {
      if case .string(let text) = $0 { return text == key }
      return $0.text.map { $0 == key } ?? false
    }
  }

  func value(of key: Text, hash: Int) -> Value? {
    place(of: key, hash: hash).map { values[$0] }
  }

  @inline(__always)
  func place(_ hash: Int, _ isWanted: (Value) -> Bool) -> Int? {
    if table.isEmpty {
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
    table = [Int32](repeating: -1, count: size)
    for place in hashes.indices { enter(place) }
  }

  private mutating func enter(_ place: Int) {
    let mask = table.count - 1
    var slot = hashes[place] & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(place)
  }
}

/// Levels of containers in containers.
enum Nesting {
  /// Containers deeper than this are destroyed without recursion.
  static let recursionLimit = 100

  static func depth(of value: Value) -> Int {
    switch value {
    case .list(let box), .tuple(let box): box.depth
    case .dict(let box): box.depth
    case .object(let object): object.depth
    default: 0
    }
  }

  static func depth(above items: [Value]) -> Int {
    var deepest = 0
    for item in items { deepest = max(deepest, depth(of: item)) }
    return deepest + 1
  }

  /// Frees what a container holds without recursion where it is deep: destroying ten thousand
  /// levels one inside the other would overflow a thread's stack.
  static func release(_ items: inout [Value]) {
    var waiting = items
    items = []
    while var value = waiting.popLast() {
      switch value {
      case .list(var box), .tuple(var box):
        value = .missing
        if isKnownUniquelyReferenced(&box) { box.handOver(to: &waiting) }
      case .dict(var box):
        value = .missing
        if isKnownUniquelyReferenced(&box) { box.handOver(to: &waiting) }
      default: break
      }
    }
  }
}

extension Value {
  /// A value of the caller's; containers are opened later.
  init(_ json: JSONValue, origin: Origin, tree: OriginTree, depth: Int) {
    switch json {
    case .null: self = .none(origin)
    case .bool(let value): self = .bool(value, origin)
    case .integer(let value): self = .int(value, origin)
    case .bigInteger(let digits):
      self = .integer(BigInteger(digits: digits.utf8, radix: 10) ?? BigInteger(0), origin)
    case .double(let value): self = .double(value, origin)
    case .string(let text): self = .string(Text(text.string, origin: origin))
    case .array(let items):
      self = .list(ListBox(items, origin: origin, tree: tree, depth: depth))
    case .object(let object):
      self = .dict(DictBox(object, origin: origin, tree: tree, depth: depth))
    }
  }
}
