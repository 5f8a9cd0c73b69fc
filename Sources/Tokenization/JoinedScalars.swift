// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// Which scalars the rules of a SentencePiece-style model may join.
///
/// Two scalars are of one group if a token has them beside each other, or either with a third. What
/// stands between two groups is never joined, so a text may be cut there.
struct JoinedScalars {
  /// A space, and the mark that it becomes.
  static let marks = ScalarSet(scalars: [0x20, Metaspace.scalar.value])

  /// The groups, apart from each other: that of most ASCII scalars, all others with such, and all
  /// without.
  ///
  /// A scalar of none of them is in no token that a rule makes.
  let groups: [ScalarSet]
  /// The rules for runs of marks, where they come after all others and no token has several marks
  /// before something else; nil elsewhere.
  let lateRuns: MergeTable?

  /// Looks at the tokens that the rules of a model make.
  init(_ model: BPE) {
    var sets = DisjointScalars()
    let rules = model.rules.view
    var (runs, lastOther, hasMixedRuns) = ([Merge](), UInt32.min, false)
    for index in 0..<model.rules.count {
      let rule = rules[index]
      model.vocabulary.withBytes(of: rule.merged) { token in
        sets.join(token)
        let marks = Metaspace.runLength(atStartOf: token)
        if 3 * marks == token.count {
          runs.append(rule)
        } else {
          lastOther = max(lastOther, rule.rank)
          hasMixedRuns = hasMixedRuns || marks > 1
        }
      }
    }
    let isLate = runs.allSatisfy { $0.rank > lastOther } && !hasMixedRuns
    lateRuns = isLate && model.cutsBeforeMetaspace ? MergeTable(RuleList(runs)) : nil
    var groups = sets.groups.map { members in
      (members: members, asciiCount: members.count { $0 < 0x80 })
    }
    groups.sort { ($0.asciiCount, $1.members[0]) > ($1.asciiCount, $0.members[0]) }
    var merged: [[UInt32]] = [[], [], []]
    for (index, group) in groups.enumerated() {
      merged[group.asciiCount == 0 ? 2 : min(index, 1)] += group.members
    }
    self.groups = merged.map { ScalarSet(scalars: $0.sorted()) }.filter { !$0.isEmpty }
  }
}

/// Sets of scalars that grow together.
private struct DisjointScalars: ~Copyable {
  /// For each scalar one more than another of its set, or than itself; 0 where it is in none.
  private var links = MutableTable<UInt32>(sparseZeros: 0x11_0000)
  private var seen: [UInt32] = []

  /// The sets, each with its first scalar first.
  var groups: [[UInt32]] {
    mutating get {
      var places: [UInt32: Int] = [:]
      var groups: [[UInt32]] = []
      for scalar in seen {
        let root = root(scalar)
        let place = places[root] ?? groups.count
        if place == groups.count {
          places[root] = place
          groups.append([])
        }
        groups[place].append(scalar)
      }
      return groups
    }
  }

  /// Puts scalars that a token has beside each other into one set.
  mutating func join(_ token: Span<UInt8>) {
    var (place, before) = (0, UInt32.max)
    while place < token.count {
      let (scalar, length) = PreTokenizedText.scalar(in: token, at: place)
      place += length
      // A token with a space or with bytes that are no text stands in none.
      guard scalar < UTF8Scalars.malformed, scalar != 0x20, scalar != Metaspace.scalar.value else {
        before = .max
        continue
      }
      if links[Int(scalar)] == 0 {
        links[Int(scalar)] = scalar + 1
        seen.append(scalar)
      }
      if before != .max { links[Int(root(scalar))] = root(before) + 1 }
      before = scalar
    }
  }

  private mutating func root(_ scalar: UInt32) -> UInt32 {
    var scalar = scalar
    while links[Int(scalar)] != scalar + 1 {
      let next = links[Int(scalar)] - 1
      links[Int(scalar)] = links[Int(next)]
      scalar = next
    }
    return scalar
  }
}
