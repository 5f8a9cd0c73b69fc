// SPDX-License-Identifier: Apache-2.0

import Tokenization

/// The order in which a file lists merges, where rules of one rank take turns from the left.
enum MergeOrder {
  /// All rules, those of one rank so that taking them in turn does what the leftmost first does.
  ///
  /// Splits of one token stand as the published conversion of rank files has them, by the ids of
  /// their parts (transformers, convert_slow_tokenizer.py). Rules of one score for several tokens
  /// stand with the longest left part first: what has begun on the left goes on growing.
  static func listed(_ model: BPE) -> [Merge] {
    var merges = ranked(model)
    for group in groups(merges) where group.contains(where: { $0.merged != group.first?.merged }) {
      merges.replaceSubrange(
        group.indices,
        with: group.sorted { first, second in
          let (length, other) = (
            model.vocabulary.length(of: first.left), model.vocabulary.length(of: second.left)
          )
          guard length == other else { return length > other }
          return model.vocabulary.length(of: first.right)
            > model.vocabulary.length(of: second.right)
        })
    }
    return merges
  }

  /// All rules by rank, and by the ids of their parts.
  static func ranked(_ model: BPE) -> [Merge] {
    model.merges.sorted { ($0.rank, $0.left, $0.right) < ($1.rank, $1.left, $1.right) }
  }

  /// The rules that share their rank with others, by rank; `merges` are in the order of ranks.
  static func groups(_ merges: [Merge]) -> [ArraySlice<Merge>] {
    var groups: [ArraySlice<Merge>] = []
    var start = 0
    while start < merges.count {
      var end = start + 1
      while end < merges.count, merges[end].rank == merges[start].rank { end += 1 }
      if end - start > 1 { groups.append(merges[start..<end]) }
      start = end
    }
    return groups
  }
}
