// SPDX-License-Identifier: Apache-2.0

/// The variables of one run of a function: the template, a macro, a block, a recursive loop.
///
/// A class, since macros see the variables around them as they are when the macro runs.
final class Activation {
  @exclusivity(unchecked) var slots: [Value]
  let parent: Activation?

  init(count: Int, parent: Activation?) {
    slots = [Value](repeating: .missing, count: count)
    self.parent = parent
  }

  func ancestor(_ hops: Int32) -> Activation {
    var activation = self
    for _ in 0..<hops { if let parent = activation.parent { activation = parent } }
    return activation
  }
}
