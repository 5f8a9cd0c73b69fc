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

  /// Numbers the variables themselves, from 1 on.
  init(variables: [String], trusted: [Bool], symbols: SymbolTable) {
    self.symbols = symbols
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
    blocks.append(Block(first: first, parent: parent, children: children))
    return first
  }
}

/// What stays of an ``OriginTree`` after the render: enough to tell paths.
struct OriginPaths: Sendable {
  private let blocks: [OriginTree.Block]
  private let trusted: [Bool]

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
    var low = 0
    var high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].first <= node { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? blocks[low - 1] : nil
  }
}
