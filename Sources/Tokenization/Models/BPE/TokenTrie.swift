// SPDX-License-Identifier: Apache-2.0

/// Finds the longest token at a place: a trie whose edges are in one hash table.
///
/// A step is a whole scalar where the text has one, and a byte elsewhere (``TokenTrie/Unit``): most
/// tokens end with a scalar, so a text is walked in few steps, and the first of them needs no search.
/// Tokens that end within a scalar hang on the same nodes by its bytes, its *parts*; they are looked
/// for where no longer token has been found.
final class TokenTrie: Sendable {
  /// No token.
  static let none = UInt32.max
  /// The node above the first steps; there are fewer nodes than that.
  static let root: UInt32 = (1 << 20) - 1

  /// Edges: the node above (20 bits), the label of the step (22) and the ``Step`` (22); 0 is free.
  let edges: ConstantTable<UInt64>
  /// The first steps, by ``TokenTrie/Unit/rootIndex``; or the longest part that is a token, with its
  /// length.
  let roots: ConstantTable<UInt32>
  /// The tokens of the nodes from `tokenBound` on, or ``none``; each node below is the token of its
  /// number.
  let lateTokens: ConstantTable<UInt32>
  let tokenBound: UInt32

  init(
    edges: ConstantTable<UInt64>, roots: ConstantTable<UInt32>,
    lateTokens: ConstantTable<UInt32>, tokenBound: UInt32
  ) {
    self.edges = edges
    self.roots = roots
    self.lateTokens = lateTokens
    self.tokenBound = tokenBound
  }

  var view: View {
    View(
      edges: edges.view, roots: roots.view, lateTokens: lateTokens.view, tokenBound: tokenBound,
      mask: edges.count - 1, shift: UInt64(64 - edges.count.trailingZeroBitCount))
  }

  /// Where a walk is: a node (20 bits), whether it has parts, whether it has any steps; of a first
  /// step the length of the part, too, and a bit that is always set.
  struct Step: BitwiseCopyable {
    static let hasSteps: UInt32 = 1
    static let hasParts: UInt32 = 2
    static let mask: UInt32 = (1 << 22) - 1
    static let isPresent: UInt32 = 1 << 31

    let bits: UInt32

    @inline(__always) var node: UInt32 { bits &>> 2 & TokenTrie.root }
    @inline(__always) var hasSteps: Bool { bits & Self.hasSteps != 0 }
    @inline(__always) var hasParts: Bool { bits & Self.hasParts != 0 }
    /// The length of the part that the step is, or 0 for a whole unit.
    @inline(__always) var partLength: Int { Int(bits &>> 22 & 3) }

    static func part(_ token: UInt32, length: Int) -> UInt32 {
      isPresent | UInt32(length) << 22 | token << 2
    }
  }

  /// A token and where it ends.
  struct Match {
    static let none = Match(token: TokenTrie.none, end: 0)

    let token: UInt32
    let end: Int
  }

  @inline(__always)
  static func slot(_ node: UInt32, _ label: UInt32, _ shift: UInt64) -> Int {
    let key = UInt64(node) &<< 22 | UInt64(label)
    return Int(truncatingIfNeeded: ((key ^ key &>> 15) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
  }
}

// MARK: - Walks

extension TokenTrie {
  struct View {
    let edges: ConstantTable<UInt64>.View
    let roots: ConstantTable<UInt32>.View
    let lateTokens: ConstantTable<UInt32>.View
    let tokenBound: UInt32
    let mask: Int
    let shift: UInt64

    /// The longest token that starts at a place and ends at or before a limit.
    @inline(__always)
    func longest(_ text: TextView, _ start: Int, _ limit: Int) -> Match {
      var unit = Unit(text, start, limit)
      guard var step = first(unit) else { return parts(of: TokenTrie.root, text, start, unit) }
      if step.partLength > 0 { return Match(token: step.node, end: start &+ step.partLength) }
      var place = start &+ unit.length
      var match = Match(token: token(of: step.node), end: place)
      var (partsNode, partsPlace) = (TokenTrie.none, start)
      if match.token == TokenTrie.none { partsNode = TokenTrie.root }
      while step.hasSteps, place < limit {
        unit = Unit(text, place, limit)
        if step.hasParts { (partsNode, partsPlace) = (step.node, place) }
        guard let next = self.step(step.node, unit.label) else { break }
        (step, place) = (next, place &+ unit.length)
        let token = token(of: step.node)
        if token != TokenTrie.none {
          match = Match(token: token, end: place)
          partsNode = TokenTrie.none
        }
      }
      guard partsNode != TokenTrie.none else { return match }
      let part = parts(of: partsNode, text, partsPlace, Unit(text, partsPlace, limit))
      return part.token == TokenTrie.none ? match : part
    }

    /// The token that is one scalar.
    @inline(__always)
    func scalar(_ text: TextView, _ start: Int, _ end: Int) -> UInt32 {
      let unit = Unit(text, start, end)
      guard start &+ unit.length == end, let step = first(unit), step.partLength == 0 else {
        return TokenTrie.none
      }
      return token(of: step.node)
    }

    /// The longest token that ends within a unit.
    @inline(never)
    private func parts(of node: UInt32, _ text: TextView, _ start: Int, _ unit: Unit) -> Match {
      var match = Match.none
      var (node, place) = (node, start)
      while place &+ 1 < start &+ unit.length {
        let label = UInt32(text[place])
        guard let step = node == TokenTrie.root ? first(Unit(byte: label)) : step(node, label)
        else { break }
        (node, place) = (step.node, place &+ 1)
        let token = token(of: node)
        if token != TokenTrie.none { match = Match(token: token, end: place) }
      }
      return match
    }

    @inline(__always)
    private func token(of node: UInt32) -> UInt32 {
      node < tokenBound ? node : lateTokens[Int(node &- tokenBound)]
    }

    @inline(__always)
    private func first(_ unit: Unit) -> Step? {
      guard let index = unit.rootIndex else { return step(TokenTrie.root, unit.label) }
      let bits = roots[index]
      return bits == 0 ? nil : Step(bits: bits)
    }

    @inline(__always)
    private func step(_ node: UInt32, _ label: UInt32) -> Step? {
      let key = UInt64(node) &<< 22 | UInt64(label)
      var slot = TokenTrie.slot(node, label, shift)
      while true {
        let edge = edges[slot]
        if edge &>> 22 == key, edge != 0 {
          return Step(bits: UInt32(truncatingIfNeeded: edge) & Step.mask)
        }
        if edge == 0 { return nil }
        slot = (slot &+ 1) & mask
      }
    }
  }
}
