// SPDX-License-Identifier: Apache-2.0

extension TokenTrie {
  /// Where a token's bytes lie in a text, and which other token they begin with.
  struct Piece: BitwiseCopyable {
    var start: UInt32
    /// Where the bytes of `left` end; the start where there is none.
    var middle: UInt32
    var end: UInt32
    /// A token of a lower number, or ``none``.
    var left: UInt32
  }

  /// Collects tokens, which are numbered; the edges double where they need to.
  struct Builder: ~Copyable {
    /// A node with what an edge's key is: the node above (20 bits), the label (22), the node (20).
    private struct Made: BitwiseCopyable {
      let bits: UInt64

      init(_ node: UInt32, under parent: UInt32, _ label: UInt32) {
        bits = (UInt64(parent) << 22 | UInt64(label)) << 20 | UInt64(node)
      }

      var node: UInt32 { UInt32(truncatingIfNeeded: bits) & TokenTrie.root }
      var parent: UInt32 { UInt32(truncatingIfNeeded: bits >> 42) }
      var label: UInt32 { UInt32(truncatingIfNeeded: bits >> 20) & Step.mask }
    }

    private var edges: MutableTable<UInt64>
    private var roots = MutableTable<UInt32>(zeros: Unit.rootCounts[2])
    private var lateTokens: MutableTable<UInt64>
    /// Nodes below are tokens of the same number.
    private let tokenBound: UInt32
    /// For each token the node where it ends, or ``none``.
    private var nodes: MutableTable<UInt32>
    /// For each node but the root what its ``Step`` says of it.
    private var flags: MutableTable<UInt8>
    private var rootFlags: UInt8 = 0
    /// All nodes; each comes after the one above it.
    private var made: MutableTable<Made>
    /// The pieces that are under way.
    private let walks = WorkBuffer<Walk>(count: 16)
    private var shift: UInt64
    private var edgeCount = 0
    private var isFull = false

    private static let noToken = Late(TokenTrie.none, behind: 0).bits

    /// Starts with room for so many tokens at most.
    init(tokens count: Int) {
      var bits: UInt64 = 10
      // Published vocabularies have up to 1.5 steps for each token, of which the table bears 0.7 a slot.
      while 1 << bits < 2 * count + count / 8 { bits += 1 }
      shift = 64 - bits
      edges = MutableTable(zeros: 1 << bits)
      tokenBound = UInt32(truncatingIfNeeded: count)
      isFull = count >= Int(TokenTrie.root)
      nodes = MutableTable(repeating: TokenTrie.none, count: count)
      flags = MutableTable(zeros: count)
      // Room that is not used costs nothing, room that grows is copied.
      lateTokens = MutableTable(capacity: count + count / 8)
      made = MutableTable(capacity: 2 * count + count / 8)
    }

    /// Adds tokens of one number after the other; pieces without bytes are left out.
    ///
    /// No two tokens may have the same bytes. Some pieces are on their way at a time, a step of each
    /// in turn: the edges are larger than the fast memories, so what a step reads is asked for while
    /// the others take theirs.
    mutating func add(_ pieces: WorkBuffer<Piece>.View, _ tokens: Range<Int>, of text: TextView) {
      let walks = walks.view
      var (next, count) = (0, 0)
      while next < tokens.count, count < walks.count {
        if let walk = walk(pieces[next], tokens.lowerBound + next, text) {
          walks[count] = walk
          count += 1
        }
        next += 1
      }
      while count > 0, !isFull {
        var place = 0
        while place < count {
          if takeStep(&walks[place], text) {
            place += 1
            continue
          }
          // Another piece takes the place of one that has arrived, or the last of those under way.
          var other: Walk?
          while other == nil, next < tokens.count {
            other = walk(pieces[next], tokens.lowerBound + next, text)
            next += 1
          }
          if other == nil { count -= 1 }
          walks[place] = other ?? walks[count]
          if other != nil { place += 1 }
        }
      }
    }

    /// A piece on its way through the trie.
    struct Walk: BitwiseCopyable {
      var node: UInt32
      /// The next step, and where it ends.
      var unit: Unit
      var place: Int
      let end: Int
      let token: UInt32
    }

    /// The walk of a piece from its left token's node, or from the root.
    @inline(__always)
    private func walk(_ piece: Piece, _ token: Int, _ text: TextView) -> Walk? {
      guard piece.start < piece.end else { return nil }
      var (node, place) = (TokenTrie.root, Int(piece.start))
      // A byte that continues a scalar belongs to a unit that may have begun before.
      if piece.left != TokenTrie.none, nodes[Int(piece.left)] != TokenTrie.none,
        text[Int(piece.middle)] & 0xC0 != 0x80
      {
        (node, place) = (nodes[Int(piece.left)], Int(piece.middle))
      }
      let unit = Unit(text, place, Int(piece.end))
      edges.prefetch(TokenTrie.slot(node, unit.label, shift))
      return Walk(
        node: node, unit: unit, place: place + unit.length, end: Int(piece.end),
        token: UInt32(token))
    }

    /// Takes the next step; false where it was the last.
    @inline(__always)
    private mutating func takeStep(_ walk: inout Walk, _ text: TextView) -> Bool {
      let isLast = walk.place == walk.end
      walk.node = child(of: walk.node, walk.unit, isLast ? walk.token : TokenTrie.none)
      guard isLast else {
        walk.unit = Unit(text, walk.place, walk.end)
        walk.place += walk.unit.length
        edges.prefetch(TokenTrie.slot(walk.node, walk.unit.label, shift))
        return true
      }
      if walk.node >= tokenBound, !isFull {
        lateTokens[Int(walk.node - tokenBound)] = Late(walk.token, behind: 0).bits
      }
      nodes[Int(walk.token)] = walk.node
      return false
    }

    /// The node after a step; a new one is that of the token, if there is one.
    @inline(__always)
    private mutating func child(of node: UInt32, _ unit: Unit, _ token: UInt32) -> UInt32 {
      if node == TokenTrie.root, let index = unit.rootIndex {
        if roots[index] == 0 {
          roots[index] = Step.isPresent | newNode(under: node, unit.label, token) << 2
        }
        return Step(bits: roots[index]).node
      }
      let slot = slot(of: node, unit.label)
      if edges[slot] != 0 { return Step(bits: UInt32(truncatingIfNeeded: edges[slot])).node }
      let child = newNode(under: node, unit.label, token)
      edges[slot] = (UInt64(node) << 22 | UInt64(unit.label)) << 22 | UInt64(child) << 2
      edgeCount += 1
      if edgeCount * 10 > edges.count * 7 { grow() }
      return child
    }

    /// Where a step is, or can be put.
    @inline(__always)
    private func slot(of node: UInt32, _ label: UInt32) -> Int {
      let key = UInt64(node) << 22 | UInt64(label)
      let mask = edges.count - 1
      var slot = TokenTrie.slot(node, label, shift)
      while edges[slot] != 0, edges[slot] >> 22 != key { slot = (slot + 1) & mask }
      return slot
    }

    private mutating func newNode(
      under parent: UInt32, _ label: UInt32, _ token: UInt32
    ) -> UInt32 {
      var node = token
      if token == TokenTrie.none {
        node = tokenBound + UInt32(lateTokens.count)
        // The last number is the root's.
        if node + 1 >= TokenTrie.root { isFull = true } else { lateTokens.append(Self.noToken) }
        if isFull { return 0 }
        flags.append(0)
      }
      made.append(Made(node, under: parent, label))
      let flag = UInt8(Step.hasSteps | (Unit.startsPart(label) ? Step.hasParts : 0))
      if parent == TokenTrie.root { rootFlags |= flag } else { flags[Int(parent)] |= flag }
      return node
    }

    @inline(never)
    private mutating func grow() {
      var old = MutableTable<UInt64>(zeros: edges.count * 2)
      swap(&old, &edges)
      shift -= 1
      for index in 0..<old.count where old[index] != 0 {
        let key = old[index] >> 22
        edges[slot(of: UInt32(key >> 22), UInt32(key & 0x3F_FFFF))] = old[index]
      }
    }

    // MARK: The end

    /// The trie, and for each token the longest other token that it starts with.
    ///
    /// Nil where there are more nodes than an edge can name.
    consuming func build(tokenCount: Int) -> (trie: TokenTrie, shorter: ConstantTable<UInt32>)? {
      guard !isFull else { return nil }
      let shorter = findShorter(tokenCount)
      for slot in 0..<edges.count where edges[slot] != 0 {
        let step = Step(bits: UInt32(truncatingIfNeeded: edges[slot]))
        edges[slot] |= UInt64(flags[Int(step.node)])
      }
      for index in 0..<roots.count where roots[index] != 0 {
        roots[index] |= UInt32(flags[Int(Step(bits: roots[index]).node)])
      }
      addRootParts()
      let last = (0..<roots.count).last { roots[$0] != 0 } ?? 0
      roots.truncate(to: Unit.rootCounts.first { last < $0 } ?? roots.count)
      let trie = TokenTrie(
        edges: edges.finish(), roots: roots.finish(), lateTokens: lateTokens.finish(),
        tokenBound: tokenBound)
      return (trie, shorter)
    }

    /// Finds the longest other token of each, and of each node that is none the longest on the way.
    private mutating func findShorter(_ tokenCount: Int) -> ConstantTable<UInt32> {
      var shorter = MutableTable<UInt32>(repeating: TokenTrie.none, count: tokenCount)
      for index in 0..<made.count {
        let (node, above) = (made[index].node, tokenBefore(made[index]))
        let token = token(of: node)
        if token != TokenTrie.none {
          shorter[Int(token)] = above.nearest
        } else {
          lateTokens[Int(node - tokenBound)] = above.bits
        }
      }
      return shorter.finish()
    }

    /// The longest token on the way to a node that ends before it; the nodes above know theirs.
    @inline(__always)
    private func tokenBefore(_ new: Made) -> Late {
      let isFirst = new.parent == TokenTrie.root
      let flags = isFirst ? rootFlags : flags[Int(new.parent)]
      if UInt32(flags) & Step.hasParts != 0, let part = part(of: new.parent, new.label) {
        return part
      }
      let above: Late
      if isFirst {
        above = Late(TokenTrie.none, behind: 0)
      } else if new.parent < tokenBound {
        above = Late(new.parent, behind: 0)
      } else {
        above = Late(bits: lateTokens[Int(new.parent - tokenBound)])
      }
      return above.nearest == TokenTrie.none
        ? above : Late(above.nearest, behind: UInt32(above.behind + Unit.length(new.label)))
    }

    /// The longest token that is a node's and goes on with a part of a unit.
    @inline(never)
    private func part(of node: UInt32, _ label: UInt32) -> Late? {
      var (node, found) = (node, Late?.none)
      for (index, byte) in Unit.partBytes(label).enumerated() {
        guard let next = find(node, byte) else { break }
        node = next
        let token = token(of: node)
        if token != TokenTrie.none {
          found = Late(token, behind: UInt32(Unit.length(label) - index - 1))
        }
      }
      return found
    }

    /// The node after a byte.
    private func find(_ node: UInt32, _ byte: UInt32) -> UInt32? {
      let bits =
        node == TokenTrie.root
        ? roots[Int(byte)] : UInt32(truncatingIfNeeded: edges[slot(of: node, byte)])
      return bits == 0 ? nil : Step(bits: bits).node
    }

    private func token(of node: UInt32) -> UInt32 {
      node < tokenBound ? node : Late(bits: lateTokens[Int(node - tokenBound)]).token
    }

    /// Tells of the units that no token starts with which of their parts is one.
    private mutating func addRootParts() {
      for first in UInt32(0xC0)..<0xF0 {
        guard let above = find(TokenTrie.root, first) else { continue }
        for second in UInt32(0x80)..<0xC0 {
          var (token, length) = (token(of: above), 1)
          if first >= 0xE0, let node = find(above, second), self.token(of: node) != TokenTrie.none {
            (token, length) = (self.token(of: node), 2)
          }
          guard token != TokenTrie.none else { continue }
          for index in Unit.rootRange(first, second) where roots[index] == 0 {
            roots[index] = Step.part(token, length: length)
          }
        }
      }
    }
  }
}
