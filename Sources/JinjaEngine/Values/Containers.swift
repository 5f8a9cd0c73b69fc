// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives

/// The items of a list or tuple.
///
/// The caller's arrays are opened when they are first looked into. Lists never change otherwise:
/// the sandbox lets no method through that would.
final class ListBox {
  private var opened: [Value]
  private var pending: (items: [JSONValue], tree: OriginTree)?
  let origin: Origin
  /// A `groupby` group, which has names for its two items.
  let isGroup: Bool
  /// Levels of containers in here, for those that templates build.
  let depth: Int

  init(_ items: [Value], isGroup: Bool = false) {
    opened = items
    origin = .none
    self.isGroup = isGroup
    depth = Nesting.depth(above: items)
  }

  init(_ items: [JSONValue], origin: Origin, tree: OriginTree, depth: Int) {
    opened = []
    pending = (items, tree)
    self.origin = origin
    isGroup = false
    self.depth = depth
  }

  var count: Int { pending?.items.count ?? opened.count }

  var items: [Value] {
    if pending != nil { open() }
    return opened
  }

  subscript(index: Int) -> Value {
    if pending != nil { open() }
    return opened[index]
  }

  private func open() {
    guard let (items, tree) = pending else { return }
    pending = nil
    let first = tree.open(origin.node, count: items.count, .elements)
    opened.reserveCapacity(items.count)
    var node = first
    for item in items {
      opened.append(Value(item, origin: Origin(node: node), tree: tree, depth: depth + 1))
      node &+= first == Origin.mixed.node ? 0 : 1
    }
  }

  deinit { Nesting.release(&opened, depth: depth) }
}

/// The members of a dictionary in the order of insertion.
final class DictBox {
  private var openedKeys: [Value] = []
  private var openedValues: [Value] = []
  private var hashes: [Int] = []
  /// Places by hash, for dictionaries that are too long to scan; open addressing, -1 is free.
  private var table: [Int32] = []
  private var pending: (object: JSONObject, tree: OriginTree)?
  let origin: Origin
  private(set) var depth: Int

  private static let scanLimit = 12

  init() {
    origin = .none
    depth = 1
  }

  init(_ object: JSONObject, origin: Origin, tree: OriginTree, depth: Int) {
    pending = (object, tree)
    self.origin = origin
    self.depth = depth
  }

  var count: Int { pending?.object.count ?? openedKeys.count }

  var keys: [Value] {
    if pending != nil { open() }
    return openedKeys
  }

  var values: [Value] {
    if pending != nil { open() }
    return openedValues
  }

  func key(at place: Int) -> Value {
    if pending != nil { open() }
    return openedKeys[place]
  }

  func value(at place: Int) -> Value {
    if pending != nil { open() }
    return openedValues[place]
  }

  private func open() {
    guard let (object, tree) = pending else { return }
    pending = nil
    let count = object.count
    let first = tree.open(origin.node, count: count, .members(object))
    openedKeys.reserveCapacity(count)
    openedValues.reserveCapacity(count)
    hashes.reserveCapacity(count)
    var node = first
    for (key, value) in object {
      let text = Text(key.string, origin: Origin(node: node, isKey: true))
      openedKeys.append(.string(text))
      hashes.append(text.hash)
      openedValues.append(Value(value, origin: Origin(node: node), tree: tree, depth: depth + 1))
      node &+= first == Origin.mixed.node ? 0 : 1
    }
    if count > Self.scanLimit { rebuildTable() }
  }

  /// The place of a string key.
  func place(of key: Text, hash: Int) -> Int? {
    if pending != nil { open() }
    if table.isEmpty {
      for index in 0..<hashes.count where hashes[index] == hash {
        if let text = openedKeys[index].text, text == key { return index }
      }
      return nil
    }
    return tablePlace(hash) { $0.text.map { $0 == key } ?? false }
  }

  subscript(key: Text) -> Value? {
    place(of: key, hash: key.hash).map { openedValues[$0] }
  }

  /// The place of any key, which must be hashable.
  func place(of key: Value) throws(JinjaError) -> Int? {
    if let text = key.text { return place(of: text, hash: text.hash) }
    let hash = try key.pythonHash()
    if pending != nil { open() }
    if table.isEmpty {
      for index in 0..<hashes.count where hashes[index] == hash {
        if openedKeys[index].isEqualKey(key) { return index }
      }
      return nil
    }
    return tablePlace(hash) { $0.isEqualKey(key) }
  }

  private func tablePlace(_ hash: Int, _ isWanted: (Value) -> Bool) -> Int? {
    let mask = table.count - 1
    var slot = hash & mask
    while table[slot] >= 0 {
      let place = Int(table[slot])
      if hashes[place] == hash, isWanted(openedKeys[place]) { return place }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func rebuildTable() {
    var size = 32
    while size < hashes.count * 2 { size *= 2 }
    table = [Int32](repeating: -1, count: size)
    for place in hashes.indices { enter(place) }
  }

  private func enter(_ place: Int) {
    let mask = table.count - 1
    var slot = hashes[place] & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(place)
  }

  /// Sets a member of a dictionary that is being built.
  func set(_ key: Value, to value: Value) throws(JinjaError) {
    depth = max(depth, 1 + Nesting.depth(of: value))
    if let place = try place(of: key) {
      openedValues[place] = value
      return
    }
    openedKeys.append(key)
    openedValues.append(value)
    hashes.append(try key.pythonHash())
    if table.isEmpty {
      if hashes.count > Self.scanLimit { rebuildTable() }
    } else if hashes.count * 2 > table.count {
      rebuildTable()
    } else {
      enter(hashes.count - 1)
    }
  }

  func copy() throws(JinjaError) -> DictBox {
    let box = DictBox()
    for place in 0..<count { try box.set(key(at: place), to: value(at: place)) }
    return box
  }

  deinit {
    Nesting.release(&openedValues, depth: depth)
    Nesting.release(&openedKeys, depth: depth)
  }
}

/// Levels of containers in containers.
enum Nesting {
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
  static func release(_ items: inout [Value], depth: Int) {
    guard depth > 100 else { return }
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

extension ListBox {
  fileprivate func handOver(to waiting: inout [Value]) {
    waiting += opened
    opened = []
  }
}

extension DictBox {
  fileprivate func handOver(to waiting: inout [Value]) {
    waiting += openedValues
    waiting += openedKeys
    openedValues = []
    openedKeys = []
    hashes = []
    table = []
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
