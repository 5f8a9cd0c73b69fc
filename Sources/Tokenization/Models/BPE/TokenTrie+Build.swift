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
    /// No two tokens may have the same bytes. Where the steps of a piece begin is asked for some
    /// pieces ahead: the edges are larger than the fast memories.
    mutating func add(_ pieces: WorkBuffer<Piece>.View, _ tokens: Range<Int>, of text: TextView) {
      for index in 0..<tokens.count {
        if index + 16 < tokens.count { prefetchFirst(pieces[index + 16], of: text) }
        if index + 8 < tokens.count { prefetchSecond(pieces[index + 8], of: text) }
        if pieces[index].start < pieces[index].end {
          add(pieces[index], of: text, token: UInt32(tokens.lowerBound + index))
        }
      }
    }

    /// The node of a piece's left token, and where its other bytes start; nil where the piece begins
    /// at the root.
    @inline(__always)
    private func start(_ piece: Piece, of text: TextView) -> (node: UInt32, place: Int)? {
      guard piece.left != TokenTrie.none, case let node = nodes[Int(piece.left)],
        // A byte that continues a scalar belongs to a unit that may have begun before.
        node != TokenTrie.none, text[Int(piece.middle)] & 0xC0 != 0x80
      else { return nil }
      return (node, Int(piece.middle))
    }

    @inline(__always)
    private func prefetchFirst(_ piece: Piece, of text: TextView) {
      guard let (node, place) = start(piece, of: text) else { return }
      edges.prefetch(TokenTrie.slot(node, Unit(text, place, Int(piece.end)).label, shift))
    }

    /// Asks for the second step, if the first is there.
    @inline(__always)
    private func prefetchSecond(_ piece: Piece, of text: TextView) {
      guard let (node, place) = start(piece, of: text) else { return }
      let unit = Unit(text, place, Int(piece.end))
      guard place + unit.length < Int(piece.end) else { return }
      let edge = edges[TokenTrie.slot(node, unit.label, shift)]
      guard edge >> 22 == UInt64(node) << 22 | UInt64(unit.label) else { return }
      let next = Unit(text, place + unit.length, Int(piece.end))
      let child = Step(bits: UInt32(truncatingIfNeeded: edge)).node
      edges.prefetch(TokenTrie.slot(child, next.label, shift))
    }

    @inline(__always)
    private mutating func add(_ piece: Piece, of text: TextView, token: UInt32) {
      guard !isFull else { return }
      var (node, place) = start(piece, of: text) ?? (TokenTrie.root, Int(piece.start))
      while place < Int(piece.end) {
        let unit = Unit(text, place, Int(piece.end))
        place += unit.length
        node = child(of: node, unit, place == Int(piece.end) ? token : TokenTrie.none)
      }
      if node >= tokenBound { lateTokens[Int(node - tokenBound)] = Late(token, behind: 0).bits }
      nodes[Int(token)] = node
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
