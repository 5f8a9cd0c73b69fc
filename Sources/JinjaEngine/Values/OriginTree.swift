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
    case variables([String])
    case elements
    case members(JSONObject)
  }

  struct Block: Sendable {
    var first: Int32
    var parent: Int32
    var children: Children
  }

  private(set) var blocks: [Block]
  private var next: Int32
  let trusted: [Bool]
  let symbols: SymbolTable
  /// The node of the variable whose elements are traced; 0 for none.
  private let traced: Int32
  /// The nodes of its elements, once it is opened.
  private(set) var tracedElements: Range<Int32> = 0..<0

  /// Numbers the variables themselves, from 1 on.
  init(variables: [String], trusted: [Bool], traced: String?, symbols: SymbolTable) {
    self.symbols = symbols
    self.traced = Int32((variables.firstIndex { $0 == traced } ?? -1) + 1)
    blocks = [Block(first: 1, parent: 0, children: .variables(variables))]
    next = Int32(variables.count) + 1
    self.trusted = trusted
  }

  /// Numbers the children of a container; returns the first child's number.
  func open(_ parent: Int32, count: Int, _ children: Children) -> Int32 {
    let first = next
    // Past 2³⁰ values numbers run out; what comes then shares the mixed origin.
    guard Int(next) + count < 1 << 30 else { return Origin.mixed.node }
    next += Int32(count)
    if parent == traced, case .elements = children { tracedElements = first..<next }
    blocks.append(Block(first: first, parent: parent, children: children))
    return first
  }
}

/// What stays of an ``OriginTree`` after the render: enough to tell paths.
struct OriginPaths: Sendable {
  fileprivate let blocks: [OriginTree.Block]
  fileprivate let trusted: [Bool]

  init(_ tree: OriginTree) {
    blocks = tree.blocks
    trusted = tree.trusted
  }

  /// The path of a node and whether its variable is trusted.
  func path(of origin: Origin) -> (path: InputPath, isTrusted: Bool) {
    guard origin != .mixed, origin.node != Origin.mixed.node else {
      return (InputPath(variable: "", steps: [], isKey: false), false)
    }
    var steps: [InputPath.Step] = []
    var node = origin.node
    while let block = block(of: node) {
      let place = Int(node - block.first)
      switch block.children {
      case .variables(let names):
        return (
          InputPath(variable: names[place], steps: steps.reversed(), isKey: origin.isKey),
          trusted[place]
        )
      case .elements: steps.append(.index(place))
      case .members(let object): steps.append(.key(object[place].key))
      }
      node = block.parent
    }
    return (InputPath(variable: "", steps: [], isKey: false), false)
  }

  private func block(of node: Int32) -> OriginTree.Block? {
    blockIndex(of: node).map { blocks[$0] }
  }

  /// The last block that starts at or before a node.
  fileprivate func blockIndex(of node: Int32) -> Int? {
    var low = 0
    var high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].first <= node { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  fileprivate func isBlock(_ index: Int, of node: Int32) -> Bool {
    blocks[index].first <= node && (index + 1 == blocks.count || blocks[index + 1].first > node)
  }
}

/// The first steps of an ``InputPath``, which tell most of it: variable, element, member, element.
package struct InputPlace {
  /// The variable's name; empty where text of several values was mixed.
  package fileprivate(set) var variable = ""
  /// The index in the variable's list; negative for none.
  package fileprivate(set) var index = -1
  /// The name of that element's member.
  package fileprivate(set) var member: ExactString?
  /// The index in the member's list; negative for none.
  package fileprivate(set) var part = -1
  fileprivate(set) var isTrusted = false
}

extension OriginPaths {
  var finder: Finder { Finder(paths: self) }

  /// Finds the places of many origins, which mostly lie side by side.
  struct Finder {
    let paths: OriginPaths
    private var recent = 0

    init(paths: OriginPaths) { self.paths = paths }

    mutating func place(of origin: Origin) -> InputPlace {
      var place = InputPlace()
      guard origin != .mixed, origin.node != Origin.mixed.node else { return place }
      // From the leaf up: what was found before moves one step down.
      var steps: (Step, Step, Step) = (.none, .none, .none)
      var node = origin.node
      while let index = block(of: node) {
        let block = paths.blocks[index]
        let offset = Int(node - block.first)
        switch block.children {
        case .variables(let names):
          place.variable = names[offset]
          place.isTrusted = paths.trusted[offset]
          fill(&place, steps)
          return place
        case .elements: steps = (.element(offset), steps.0, steps.1)
        case .members: steps = (.member(block: index, place: offset), steps.0, steps.1)
        }
        node = block.parent
      }
      return place
    }

    private enum Step {
      case none
      case element(Int)
      case member(block: Int, place: Int)
    }

    private func fill(_ place: inout InputPlace, _ steps: (Step, Step, Step)) {
      guard case .element(let index) = steps.0 else { return }
      place.index = index
      guard case .member(let block, let offset) = steps.1,
        case .members(let object) = paths.blocks[block].children
      else { return }
      place.member = object[offset].key
      if case .element(let part) = steps.2 { place.part = part }
    }

    private mutating func block(of node: Int32) -> Int? {
      if paths.isBlock(recent, of: node) { return recent }
      guard let index = paths.blockIndex(of: node) else { return nil }
      recent = index
      return index
    }
  }
}
