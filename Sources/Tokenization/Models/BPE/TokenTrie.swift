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
  private static func slot(_ node: UInt32, _ byte: UInt8, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (UInt64(node) &* 0x9E37_79B9_7F4A_7C15) &>> shift) &+ Int(byte)
  }
}

extension TokenTrie {
  /// Collects tokens; the edges double where they need to.
  struct Builder {
    private var edges: [UInt64] = []
    private var roots = [UInt32](repeating: 0, count: 256)
    private var tokens: [UInt32] = [TokenTrie.none]
    private var parents: [UInt32] = [0]
    private var shift: UInt64
    private var edgeCount = 0

    /// Starts with room for tokens of so many bytes in all.
    init(bytes: Int) {
      var bits: UInt64 = 10
      while 1 << bits < bytes { bits += 1 }
      shift = 64 - bits
      edges = [UInt64](repeating: 0, count: 1 << bits)
    }

    /// Adds a token; the bytes must not be none, and no other token may have them.
    mutating func add(_ bytes: ArraySlice<UInt8>, token: UInt32) {
      var node: UInt32 = 0
      let last = bytes.endIndex - 1
      for place in bytes.indices {
        node = child(of: node, bytes[place], isToken: place == last)
      }
      tokens[Int(node)] = token
    }

    private mutating func child(of node: UInt32, _ byte: UInt8, isToken: Bool) -> UInt32 {
      if node == 0 {
        if roots[Int(byte)] == 0 { roots[Int(byte)] = newNode(under: 0) }
        return roots[Int(byte)]
      }
      let key = UInt64(node) << 8 | UInt64(byte)
      let mask = edges.count - 1
      var slot = TokenTrie.slot(node, byte, shift) & mask
      while edges[slot] != 0 {
        if edges[slot] >> 32 == key {
          if isToken { edges[slot] |= 1 }
          return UInt32(truncatingIfNeeded: edges[slot] >> 1) & 0x7FFF_FFFF
        }
        slot = (slot + 1) & mask
      }
      let child = newNode(under: node)
      edges[slot] = key << 32 | UInt64(child) << 1 | (isToken ? 1 : 0)
      edgeCount += 1
      if edgeCount * 5 > edges.count * 3 { grow() }
      return child
    }

    private mutating func newNode(under parent: UInt32) -> UInt32 {
      tokens.append(TokenTrie.none)
      parents.append(parent)
      return UInt32(tokens.count - 1)
    }

    private mutating func grow() {
      let old = edges
      edges = [UInt64](repeating: 0, count: old.count * 2)
      shift -= 1
      let mask = edges.count - 1
      for edge in old where edge != 0 {
        let node = UInt32(truncatingIfNeeded: edge >> 40)
        var slot =
          TokenTrie.slot(node, UInt8(truncatingIfNeeded: edge >> 32), shift) & mask
        while edges[slot] != 0 { slot = (slot + 1) & mask }
        edges[slot] = edge
      }
    }

    /// The trie, and for each of `count` tokens the longest other token that it starts with.
    ///
    /// Nil where there are more nodes than an edge can name.
    consuming func build(count: Int) -> (trie: TokenTrie, shorter: [UInt32])? {
      guard tokens.count < 1 << 24 else { return nil }
      var shorter = [UInt32](repeating: TokenTrie.none, count: count)
      // Parents come before their children.
      var nearest = [UInt32](repeating: TokenTrie.none, count: tokens.count)
      for node in 1..<max(tokens.count, 1) {
        let parent = Int(parents[node])
        nearest[node] = tokens[parent] != TokenTrie.none ? tokens[parent] : nearest[parent]
        if tokens[node] != TokenTrie.none { shorter[Int(tokens[node])] = nearest[node] }
      }
      let trie = TokenTrie(
        edges: ConstantTable(edges), roots: ConstantTable(roots), tokens: ConstantTable(tokens),
        shift: shift)
      return (trie, shorter)
    }
  }
}
