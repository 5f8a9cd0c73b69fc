// SPDX-License-Identifier: Apache-2.0

/// Conditions as steps: each question leads on or elsewhere, so that no answer is put together from
/// others, and what does not matter is not asked.
extension RenderCompiler {
  /// Adds steps after which a render goes on in order where a condition holds, or does not, as is
  /// expected; else it goes where the caller then has the returned steps lead.
  mutating func branch(_ condition: Condition, expecting expected: Bool) -> [Int] {
    switch condition {
    case .not(let inner): branch(inner, expecting: !expected)
    case .all(let parts): branch(parts, unanimous: true, expecting: expected)
    case .any(let parts): branch(parts, unanimous: false, expecting: expected)
    case .role(let roles) where roles.count != 1:
      branch(roles.map { .role([$0]) }, unanimous: false, expecting: expected)
    default: [ask(condition, expecting: expected)]
    }
  }

  /// Parts that decide together: one that is not as the `unanimous` answer is decides alone.
  private mutating func branch(
    _ parts: [Condition], unanimous: Bool, expecting expected: Bool
  ) -> [Int] {
    guard let last = parts.last else { return unanimous == expected ? [] : [emit(.jump)] }
    if unanimous == expected {
      return parts.reduce(into: []) { $0 += branch($1, expecting: expected) }
    }
    var decided: [Int] = []
    for part in parts.dropLast() { decided += branch(part, expecting: unanimous) }
    let others = branch(last, expecting: expected)
    land(decided)
    return others
  }

  /// Adds one question, in the shortest way.
  private mutating func ask(_ condition: Condition, expecting expected: Bool) -> Int {
    let number = test(condition)
    let test = tables.tests[Int(number)]
    let step: Int
    switch test.question {
    case .fieldKind: step = emit(.branchField, test.second, source: number)
    case .globalKind: step = emit(.branchGlobal, test.second, source: number)
    case .firstTurn: step = emit(.branchFirstTurn, source: number)
    case .role: step = emit(.branchRole, tables.lists[Int(test.first)], source: number)
    default: step = emit(.branch, number)
    }
    tables.steps[step].detail = test.kinds.rawValue
    tables.steps[step].flag = expected
    return step
  }
}
