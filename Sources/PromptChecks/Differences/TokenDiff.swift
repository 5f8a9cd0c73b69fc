// SPDX-License-Identifier: Apache-2.0

/// Where two rows of tokens differ.
struct TokenDiff {
  /// A run of tokens that stands for another one.
  struct Hunk: Equatable {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// More edits than this are shown as one.
  private static let editLimit = 400

  /// The differences in order; none where the rows are equal.
  ///
  /// The edits are the fewest there can be (Myers, "An O(ND) Difference Algorithm", 1986), save
  /// that rows which differ in more than 400 tokens have one hunk from the first to the last
  /// difference.
  static func hunks(_ old: [ShownToken], _ new: [ShownToken]) -> [Hunk] {
    var numbers: [ShownToken.Key: Int] = [:]
    func numbered(_ tokens: [ShownToken]) -> [Int] {
      tokens.map { token in
        if let known = numbers[token.key] { return known }
        numbers[token.key] = numbers.count
        return numbers.count - 1
      }
    }
    return hunks(numbered(old), numbered(new))
  }

  private static func hunks(_ old: [Int], _ new: [Int]) -> [Hunk] {
    var start = 0
    while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
    var tail = 0
    while tail < old.count - start, tail < new.count - start,
      old[old.count - 1 - tail] == new[new.count - 1 - tail]
    {
      tail += 1
    }
    let whole = Hunk(old: start..<old.count - tail, new: start..<new.count - tail)
    if whole.old.isEmpty, whole.new.isEmpty { return [] }
    guard !whole.old.isEmpty, !whole.new.isEmpty,
      let edits = edits(Array(old[whole.old]), Array(new[whole.new]))
    else { return [whole] }
    return edits.map { hunk in
      Hunk(
        old: hunk.old.lowerBound + start..<hunk.old.upperBound + start,
        new: hunk.new.lowerBound + start..<hunk.new.upperBound + start)
    }
  }

  /// Myers' greedy search with a record of the furthest points, walked back at the end.
  private static func edits(_ old: [Int], _ new: [Int]) -> [Hunk]? {
    let limit = min(editLimit, old.count + new.count)
    var furthest = [Int](repeating: 0, count: 2 * limit + 3)
    let zero = limit + 1
    var record: [[Int]] = []
    for distance in 0...limit {
      record.append(furthest)
      for diagonal in stride(from: -distance, through: distance, by: 2) {
        let down =
          diagonal == -distance
          || diagonal != distance
            && furthest[zero + diagonal - 1] < furthest[zero + diagonal + 1]
        var x = down ? furthest[zero + diagonal + 1] : furthest[zero + diagonal - 1] + 1
        while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
        furthest[zero + diagonal] = x
        if x >= old.count, x - diagonal >= new.count {
          return walkBack(record, zero, old.count, new.count)
        }
      }
    }
    return nil
  }

  private static func walkBack(_ record: [[Int]], _ zero: Int, _ oldEnd: Int, _ newEnd: Int)
    -> [Hunk]
  {
    var (x, y) = (oldEnd, newEnd)
    var hunks: [Hunk] = []
    for distance in stride(from: record.count - 1, to: 0, by: -1) {
      let furthest = record[distance]
      let diagonal = x - y
      let down =
        diagonal == -distance
        || diagonal != distance && furthest[zero + diagonal - 1] < furthest[zero + diagonal + 1]
      let previous = down ? diagonal + 1 : diagonal - 1
      let (startX, startY) = (furthest[zero + previous], furthest[zero + previous] - previous)
      let edit = Hunk(
        old: startX..<(down ? startX : startX + 1), new: startY..<(down ? startY + 1 : startY))
      if let next = hunks.last, next.old.lowerBound == edit.old.upperBound,
        next.new.lowerBound == edit.new.upperBound
      {
        hunks[hunks.count - 1] = Hunk(
          old: edit.old.lowerBound..<next.old.upperBound,
          new: edit.new.lowerBound..<next.new.upperBound)
      } else {
        hunks.append(edit)
      }
      (x, y) = (startX, startY)
    }
    return hunks.reversed()
  }
}
