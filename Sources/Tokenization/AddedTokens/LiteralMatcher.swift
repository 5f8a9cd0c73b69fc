// SPDX-License-Identifier: Apache-2.0

/// Finds the leftmost, and there the longest, of many literals.
///
/// A trie, entered only at bytes that start a literal. Linear in the text times the longest
/// literal that the text keeps almost matching.
struct LiteralMatcher: Sendable {
  private struct Node {
    /// Index of the first child, its siblings following in the order of their bytes.
    var firstChild: UInt32 = 0
    var childCount: UInt16 = 0
    var byte: UInt8 = 0
    /// One more than the index of the literal that ends here, or 0.
    var literal: UInt32 = 0
  }

  private let nodes: [Node]
  private let startsLiteral: [Bool]

  var isEmpty: Bool { nodes.count <= 1 }

  /// Of equal literals the last counts.
  init(_ literals: [[UInt8]]) {
    var nodes = [Node()]
    var starts = [Bool](repeating: false, count: 256)
    let order = literals.indices.filter { !literals[$0].isEmpty }
      .sorted { literals[$0].lexicographicallyPrecedes(literals[$1]) }
    for index in order { starts[Int(literals[index][0])] = true }
    // Breadth first, so that the children of a node are neighbours.
    var queue: [(node: Int, members: ArraySlice<Int>, depth: Int)] = [(0, order[...], 0)]
    var head = 0
    while head < queue.count {
      let (node, members, depth) = queue[head]
      head += 1
      nodes[node].firstChild = UInt32(nodes.count)
      var rest = members
      while let first = rest.first {
        guard literals[first].count > depth else {
          nodes[node].literal = UInt32(first) + 1
          rest.removeFirst()
          continue
        }
        let byte = literals[first][depth]
        let group = rest.prefix { literals[$0][depth] == byte }
        var child = Node()
        child.byte = byte
        queue.append((nodes.count, group, depth + 1))
        nodes.append(child)
        nodes[node].childCount += 1
        rest = rest.dropFirst(group.count)
      }
    }
    self.nodes = nodes
    startsLiteral = starts
  }

  /// The next literal in `text` at or after `start`: its index and where it stands.
  func next(in text: Span<UInt8>, from start: Int) -> (literal: Int, range: Range<Int>)? {
    var place = start
    while place < text.count {
      if startsLiteral[Int(text[place])], let found = longest(in: text, at: place) { return found }
      place += 1
    }
    return nil
  }

  /// The longest literal that starts at `start`.
  func longest(in text: Span<UInt8>, at start: Int) -> (literal: Int, range: Range<Int>)? {
    var node = nodes[0]
    var place = start
    var found: (literal: Int, range: Range<Int>)?
    while place < text.count, let child = child(of: node, text[place]) {
      node = child
      place += 1
      if node.literal != 0 { found = (Int(node.literal) - 1, start..<place) }
    }
    return found
  }

  private func child(of node: Node, _ byte: UInt8) -> Node? {
    var low = Int(node.firstChild)
    var high = low + Int(node.childCount)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].byte < byte { low = middle + 1 } else { high = middle }
    }
    let end = Int(node.firstChild) + Int(node.childCount)
    return low < end && nodes[low].byte == byte ? nodes[low] : nil
  }
}
