// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
public import TextPrimitives

/// Where in the caller's values a text came from, such as `messages[3].content[0].text`.
public struct InputPath: Hashable, Sendable, CustomStringConvertible {
  /// One step down.
  public enum Step: Hashable, Sendable {
    case index(Int)
    case key(ExactString)
  }

  /// The variable's name; empty where text of several values was mixed.
  public let variable: String
  /// The steps from the variable's value down.
  public let steps: [Step]
  /// True where the text is the last step's key itself and not its value.
  public let isKey: Bool

  /// The path in the template's notation.
  public var description: String {
    var text = variable.isEmpty ? "mixed input" : variable
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key): text += ".\(key.string)"
      }
    }
    return isKey ? text + " (key)" : text
  }
}

/// The values of a context that a render has looked into, numbered.
///
/// A container gets numbers for all its children at once, when it is first opened, so a path
/// costs nothing until somebody asks for it.
final class OriginTree {
  enum Children: Sendable {
    case variables
    case elements
    /// Those of an object, by its number.
    case members(Int32)
  }

  struct Block: Sendable {
    var first: Int32
    var parent: Int32
    var isList: Bool
    /// Where the children lie in an element of the traced variable: the element, the place of its
    /// member, and the index in that member's list; -1 where they do not lie so deep.
    var element: Int32 = -1
    var member: Int32 = -1
    var part: Int32 = -1
  }

  private(set) var blocks: [Block]
  /// What each block's children are called.
  private(set) var children: [Children]
  private var next: Int32
  private let symbols: SymbolTable
  private let variables: [JinjaContext.Variable]
  /// The caller's containers that were opened.
  private var lists: [[JSONValue]] = []
  private(set) var objects: [JSONObject] = []
  /// The object that was opened last and its keys' numbers: most have the keys of their neighbour.
  private var recent = (object: JSONObject(), symbols: ArenaBuffer<Int32>())
  /// The node of the variable whose elements are traced; 0 for none.
  private let traced: Int32
  /// The nodes of its elements, once it is opened.
  private(set) var tracedElements: Range<Int32> = 0..<0

  /// Numbers the variables themselves, from 1 on.
  init(_ context: JinjaContext, traced: String?, symbols: SymbolTable) {
    self.symbols = symbols
    variables = context.variables
    self.traced = Int32((variables.firstIndex { $0.name == traced } ?? -1) + 1)
    blocks = [Block(first: 1, parent: 0, isList: false)]
    children = [.variables]
    next = Int32(variables.count) + 1
  }

  /// The value of a variable of the context.
  func variable(_ place: Int) -> Value {
    .caller(
      variables[place].value, Origin(node: Int32(place + 1)), self,
      Source(holder: .variables, place: Int32(place)))
  }

  /// Numbers the children of a container; returns the first child's number.
  private func open(_ parent: Int32, count: Int, _ children: Children) -> Int32 {
    let first = next
    // Past 2³⁰ values numbers run out; what comes then shares the mixed origin.
    guard Int(next) + count < 1 << 30 else { return Origin.mixed.node }
    next += Int32(count)
    var block = Block(first: first, parent: parent, isList: false)
    if case .elements = children { block.isList = true }
    if parent == traced, block.isList {
      tracedElements = first..<next
    } else if tracedElements.contains(parent) {
      block.element = parent - tracedElements.lowerBound
    } else if parent > tracedElements.upperBound {
      place(&block, in: blocks[blocks.index(of: parent) ?? 0])
    }
    blocks.append(block)
    self.children.append(children)
    return first
  }

  /// Where a container of the caller's lies.
  struct Source: BitwiseCopyable {
    enum Holder { case variables, list, object }

    var holder: Holder
    /// The holder's number among those that were opened.
    var number: Int32 = 0
    /// Its place there.
    var place: Int32
  }

  /// Opens an array: its values, which know where they lie.
  func openList(_ source: Source, _ parent: Int32) -> ArenaBuffer<Value> {
    guard case .array(let items) = value(at: source) else { return ArenaBuffer() }
    let number = Int32(lists.count)
    lists.append(items)
    let first = open(parent, count: items.count, .elements)
    let step: Int32 = first == Origin.mixed.node ? 0 : 1
    var values = ArenaArray<Value>(capacity: items.count)
    for place in 0..<items.count {
      let source = Source(holder: .list, number: number, place: Int32(place))
      values.append(
        .caller(items[place], Origin(node: first + Int32(place) &* step), self, source))
    }
    return values.elements
  }

  /// Opens an object: its values, and its keys' numbers among the template's names.
  func openObject(_ source: Source, _ parent: Int32) -> (
    number: Int32, first: Int32, values: ArenaArray<Value>, symbols: ArenaBuffer<Int32>
  ) {
    guard case .object(let object) = value(at: source) else {
      return (-1, 0, ArenaArray(), ArenaBuffer())
    }
    let number = Int32(objects.count)
    objects.append(object)
    let first = open(parent, count: object.count, .members(number))
    let step: Int32 = first == Origin.mixed.node ? 0 : 1
    var values = ArenaArray<Value>(capacity: object.count)
    for place in 0..<object.count {
      let source = Source(holder: .object, number: number, place: Int32(place))
      values.append(
        .caller(object.value(at: place), Origin(node: first + Int32(place) &* step), self, source))
    }
    return (number, first, values, symbols(of: object))
  }

  private func value(at source: Source) -> JSONValue {
    switch source.holder {
    case .variables: variables[Int(source.place)].value
    case .list: lists[Int(source.number)][Int(source.place)]
    case .object: objects[Int(source.number)].value(at: Int(source.place))
    }
  }

  /// The numbers of an object's keys among the template's names.
  private func symbols(of object: JSONObject) -> ArenaBuffer<Int32> {
    if recent.object.hasKeys(of: object) { return recent.symbols }
    let numbers = (0..<object.count).map { symbols.find(object.key(at: $0).string) }
    recent = (object, ArenaBuffer(numbers))
    return recent.symbols
  }

  /// Tells a block's place in the element that its parent's block lies in.
  private func place(_ block: inout Block, in parent: Block) {
    guard parent.element >= 0 else { return }
    let offset = block.parent - parent.first
    block.element = parent.element
    block.member = parent.member < 0 ? offset : parent.member
    block.part = parent.member >= 0 && parent.part < 0 && parent.isList ? offset : parent.part
  }
}

extension [OriginTree.Block] {
  /// The last block that starts at or before a node.
  func index(of node: Int32) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].first <= node { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  func holds(_ node: Int32, at index: Int) -> Bool {
    self[index].first <= node && (index + 1 == count || self[index + 1].first > node)
  }
}

/// What stays of an ``OriginTree`` after the render: enough to tell paths.
struct OriginPaths: Sendable {
  private let blocks: [OriginTree.Block]
  private let children: [OriginTree.Children]
  private let variables: [JinjaContext.Variable]
  private let objects: [JSONObject]

  init(_ tree: OriginTree, _ context: JinjaContext) {
    blocks = tree.blocks
    children = tree.children
    variables = context.variables
    objects = tree.objects
  }

  private func isTrusted(_ variable: Int) -> Bool { variables[variable].origin == .trusted }

  /// The path of a node and whether its variable is trusted.
  func path(of origin: Origin) -> (path: InputPath, isTrusted: Bool) {
    guard origin != .mixed, origin.node != Origin.mixed.node else {
      return (InputPath(variable: "", steps: [], isKey: false), false)
    }
    var steps: [InputPath.Step] = []
    var node = origin.node
    while let index = blocks.index(of: node) {
      let place = Int(node - blocks[index].first)
      switch children[index] {
      case .variables:
        return (
          InputPath(variable: variables[place].name, steps: steps.reversed(), isKey: origin.isKey),
          isTrusted(place)
        )
      case .elements: steps.append(.index(place))
      case .members(let object): steps.append(.key(objects[Int(object)].key(at: place)))
      }
      node = blocks[index].parent
    }
    return (InputPath(variable: "", steps: [], isKey: false), false)
  }

  /// The name of a variable by its number; empty for text of several values.
  func variable(_ index: Int) -> String {
    index >= 0 ? variables[index].name : ""
  }

  /// The place of a node, found without building its path.
  ///
  /// `recent` is the block of the node that was asked for before, which mostly lies beside it.
  func place(of origin: Origin, _ recent: inout Int) -> InputPlace {
    var place = InputPlace()
    guard origin != .mixed, origin.node != Origin.mixed.node else { return place }
    if !blocks.holds(origin.node, at: recent) { recent = blocks.index(of: origin.node) ?? 0 }
    let block = blocks[recent]
    if block.element >= 0 {
      let offset = origin.node - block.first
      place.element = Int(block.element)
      place.member = Int(block.member < 0 ? offset : block.member)
      place.part = Int(
        block.member >= 0 && block.part < 0 && block.isList ? offset : block.part)
      return place
    }
    var node = origin.node
    var index = recent
    while index > 0 {
      node = blocks[index].parent
      index = blocks.index(of: node) ?? 0
    }
    place.variable = Int(node - blocks[0].first)
    place.isTrusted = isTrusted(place.variable)
    return place
  }
}

/// Where in the caller's values a piece comes from, as far as a prompt's layout asks.
package struct InputPlace {
  /// The number of the variable (``JinjaOutput/variable(_:)``); negative for the traced variable,
  /// and where text of several values was mixed.
  package fileprivate(set) var variable = -1
  /// The index of the traced variable's element; negative for none.
  package fileprivate(set) var element = -1
  /// The place of the element's member.
  package fileprivate(set) var member = -1
  /// The index in the member's list; negative for none.
  package fileprivate(set) var part = -1
  fileprivate(set) var isTrusted = false
}
