// SPDX-License-Identifier: Apache-2.0

extension TokenTrie {
  /// Collects tokens, which are numbered; the edges double where they need to.
  struct Builder: ~Copyable {
    private var edges: MutableTable<UInt64>
    private var roots = MutableTable<UInt32>(zeros: 256)
    /// For each node the token that ends there, and the node above.
    private var tokens: MutableTable<UInt32>
    private var parents: MutableTable<UInt32>
    /// For each token the node where it ends, or 0.
    private var nodes: MutableTable<UInt32>
    private var shift: UInt64
    private var edgeCount = 0

    /// Starts with room for so many tokens at most, of so many bytes in all.
    init(tokens count: Int, bytes: Int) {
      var bits: UInt64 = 10
      while 1 << bits < bytes / 2 { bits += 1 }
      shift = 64 - bits
      edges = MutableTable(zeros: 1 << bits)
      tokens = MutableTable(capacity: 2 * count + 1)
      parents = MutableTable(capacity: 2 * count + 1)
      nodes = MutableTable(zeros: count)
      tokens.append(TokenTrie.none)
      parents.append(0)
    }

    /// Adds a token; the range must not be empty, and no other token may have its bytes.
    mutating func add(_ bytes: ByteSlices, _ range: Range<Int>, token: UInt32) {
      add(bytes, range, token: token, below: 0)
    }

    /// Adds a token that begins with another and goes on at `middle`, which saves the way there.
    mutating func add(
      _ bytes: ByteSlices, _ range: Range<Int>, token: UInt32, after first: Int,
      endingAt middle: Int
    ) {
      let node = nodes[first]
      add(bytes, node == 0 ? range : middle..<range.upperBound, token: token, below: node)
    }

    /// Asks for what ``add(_:_:token:after:endingAt:)`` reads first.
    func prefetch(after first: Int, _ byte: UInt8) {
      edges.prefetch(TokenTrie.slot(nodes[first], byte, shift) & (edges.count - 1))
    }

    private mutating func add(
      _ bytes: ByteSlices, _ range: Range<Int>, token: UInt32, below start: UInt32
    ) {
      var node = start
      let last = range.upperBound - 1
      for place in range { node = child(of: node, bytes[place], isToken: place == last) }
      tokens[Int(node)] = token
      nodes[Int(token)] = node
    }

    @inline(__always)
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

    @inline(never)
    private mutating func grow() {
      var grown = MutableTable<UInt64>(zeros: edges.count * 2)
      shift -= 1
      let mask = grown.count - 1
      for index in 0..<edges.count where edges[index] != 0 {
        let edge = edges[index]
        let node = UInt32(truncatingIfNeeded: edge >> 40)
        var slot = TokenTrie.slot(node, UInt8(truncatingIfNeeded: edge >> 32), shift) & mask
        while grown[slot] != 0 { slot = (slot + 1) & mask }
        grown[slot] = edge
      }
      edges = grown
    }

    /// The trie, and for each token the longest other token that it starts with.
    ///
    /// Nil where there are more nodes than an edge can name.
    consuming func build(tokenCount: Int) -> (trie: TokenTrie, shorter: ConstantTable<UInt32>)? {
      guard tokens.count < 1 << 24 else { return nil }
      var shorter = MutableTable<UInt32>(repeating: TokenTrie.none, count: tokenCount)
      // For each node the token at it or nearest above; parents come before their children.
      var nearest = MutableTable<UInt32>(repeating: TokenTrie.none, count: tokens.count)
      for node in 1..<max(tokens.count, 1) {
        let above = nearest[Int(parents[node])]
        let token = tokens[node]
        nearest[node] = token == TokenTrie.none ? above : token
        if token != TokenTrie.none { shorter[Int(token)] = above }
      }
      let trie = TokenTrie(
        edges: edges.finish(), roots: roots.finish(), tokens: tokens.finish(), shift: shift)
      return (trie, shorter.finish())
    }
  }
}
