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

/// What an ``OriginTree`` tells after its render: paths.
struct OriginPaths: @unchecked Sendable {
  // SAFETY: once the render is over nobody changes the tree.
  private let tree: OriginTree
  private let blocks: [OriginTree.Block]

  init(_ tree: OriginTree) {
    self.tree = tree
    blocks = tree.openedBlocks
  }

  private var context: JinjaContext { tree.context }

  private func isTrusted(_ variable: Int) -> Bool { context.variables[variable].origin == .trusted }

  /// The path of a node and whether its variable is trusted.
  func path(of origin: Origin) -> (path: InputPath, isTrusted: Bool) {
    guard origin != .mixed, origin.node != Origin.mixed.node else {
      return (InputPath(variable: "", steps: [], isKey: false), false)
    }
    // The places on the way up, from the node to its variable.
    var places: [Int] = []
    var node = origin.node
    while let index = blocks.index(of: node) {
      places.append(Int(node - blocks[index].first))
      if index == 0 { break }
      node = blocks[index].parent
    }
    guard let variable = places.popLast() else {
      return (InputPath(variable: "", steps: [], isKey: false), false)
    }
    var steps: [InputPath.Step] = []
    var value = context.value(at: variable)
    while let place = places.popLast() {
      switch value {
      case .array(let items):
        steps.append(.index(place))
        value = items[place]
      case .object(let object):
        steps.append(.key(object.key(at: place)))
        value = object.value(at: place)
      default: places = []
      }
    }
    let name = context.variables[variable].name
    return (InputPath(variable: name, steps: steps, isKey: origin.isKey), isTrusted(variable))
  }

  /// The name of a variable by its number; empty for text of several values.
  func variable(_ index: Int) -> String {
    index >= 0 ? context.variables[index].name : ""
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
