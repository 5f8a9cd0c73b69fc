// SPDX-License-Identifier: Apache-2.0

/// Finds the longest token at a place: a trie whose edges are in one hash table.
///
/// A step is a whole scalar where the text has one, and a byte elsewhere (``TokenTrie/Unit``): most
/// tokens end with a scalar, so a text is walked in few steps, and the first of them needs no search.
/// Tokens that end within a scalar hang on the same nodes by its bytes, its *parts*; they are looked
/// for where a walk ends. A node that is no token knows the longest one on the way to it.
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
  /// For each node from `tokenBound` on a ``Late``; each node below is the token of its number.
  let lateTokens: ConstantTable<UInt64>
  let tokenBound: UInt32

  init(
    edges: ConstantTable<UInt64>, roots: ConstantTable<UInt32>,
    lateTokens: ConstantTable<UInt64>, tokenBound: UInt32
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

  /// The longest token that the bytes on the way to a node start with (lower half), or ``none``, and
  /// how many bytes the node is behind its end.
  struct Late: BitwiseCopyable {
    let bits: UInt64

    init(bits: UInt64) {
      self.bits = bits
    }

    init(_ token: UInt32, behind: UInt32) {
      bits = UInt64(behind) << 32 | UInt64(token)
    }

    @inline(__always) var nearest: UInt32 { UInt32(truncatingIfNeeded: bits) }
    @inline(__always) var behind: Int { Int(truncatingIfNeeded: bits &>> 32) }
    /// The token that ends at the node, or ``none``.
    @inline(__always) var token: UInt32 { behind == 0 ? nearest : TokenTrie.none }
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
    let lateTokens: ConstantTable<UInt64>.View
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
      while step.hasSteps, place < limit {
        unit = Unit(text, place, limit)
        guard let next = self.step(step.node, unit.label) else {
          let part = step.hasParts ? parts(of: step.node, text, place, unit) : .none
          if part.token != TokenTrie.none { return part }
          break
        }
        (step, place) = (next, place &+ unit.length)
      }
      if step.node < tokenBound { return Match(token: step.node, end: place) }
      let late = Late(bits: lateTokens[Int(step.node &- tokenBound)])
      return Match(token: late.nearest, end: max(place &- late.behind, start &+ 1))
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
      node < tokenBound ? node : Late(bits: lateTokens[Int(node &- tokenBound)]).token
    }

    @inline(__always)
    private func first(_ unit: Unit) -> Step? {
      guard let index = unit.rootIndex else { return step(TokenTrie.root, unit.label) }
      let bits = index < roots.count ? roots[index] : 0
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
