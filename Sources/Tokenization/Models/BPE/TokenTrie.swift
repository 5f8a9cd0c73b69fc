// SPDX-License-Identifier: Apache-2.0

/// Finds the longest token at a place: a trie whose edges are in one hash table.
///
/// The children of a node lie near each other, since the byte is added to the node's hash.
final class TokenTrie: Sendable {
  /// No token.
  static let none = UInt32.max

  /// Edges: parent (24 bits), byte (8), child (31) and whether the child is a token (1).
  let edges: ConstantTable<UInt64>
  /// The child of the root for each byte, or 0.
  let roots: ConstantTable<UInt32>
  /// The token that ends at each node, or ``none``.
  let tokens: ConstantTable<UInt32>
  let shift: UInt64

  init(
    edges: ConstantTable<UInt64>, roots: ConstantTable<UInt32>, tokens: ConstantTable<UInt32>,
    shift: UInt64
  ) {
    self.edges = edges
    self.roots = roots
    self.tokens = tokens
    self.shift = shift
  }

  var view: View {
    View(
      edges: edges.view, roots: roots.view, tokens: tokens.view, shift: shift,
      mask: edges.count - 1)
  }

  struct View {
    let edges: ConstantTable<UInt64>.View
    let roots: ConstantTable<UInt32>.View
    let tokens: ConstantTable<UInt32>.View
    let shift: UInt64
    let mask: Int

    /// The longest token that starts at a place and ends at or before a limit.
    @inline(__always)
    func longest(_ text: TextView, _ start: Int, _ limit: Int) -> UInt32 {
      var node = roots[Int(text[start])]
      guard node != 0 else { return TokenTrie.none }
      var last = node
      var place = start &+ 1
      while place < limit {
        let edge = edge(node, text[place])
        guard edge != 0 else { break }
        node = UInt32(truncatingIfNeeded: edge &>> 1) & 0x7FFF_FFFF
        if edge & 1 != 0 { last = node }
        place &+= 1
      }
      return tokens[Int(last)]
    }

    /// The token that has exactly these bytes.
    func token(_ text: TextView, _ start: Int, _ end: Int) -> UInt32 {
      var node = roots[Int(text[start])]
      var place = start + 1
      while node != 0, place < end {
        node = UInt32(truncatingIfNeeded: edge(node, text[place]) &>> 1) & 0x7FFF_FFFF
        place += 1
      }
      return node == 0 ? TokenTrie.none : tokens[Int(node)]
    }

    @inline(__always)
    private func edge(_ node: UInt32, _ byte: UInt8) -> UInt64 {
      let key = UInt64(node) &<< 8 | UInt64(byte)
      var slot = TokenTrie.slot(node, byte, shift) & mask
      while true {
        let edge = edges[slot]
        if edge == 0 || edge &>> 32 == key { return edge }
        slot = (slot &+ 1) & mask
      }
    }
  }

  @inline(__always)
  static func slot(_ node: UInt32, _ byte: UInt8, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (UInt64(node) &* 0x9E37_79B9_7F4A_7C15) &>> shift) &+ Int(byte)
  }
}
