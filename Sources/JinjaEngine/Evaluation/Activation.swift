// SPDX-License-Identifier: Apache-2.0

/// The variables of one run of a function: the template, a macro, a block, a recursive loop.
///
/// A class, since macros see the variables around them as they are when the macro runs.
final class Activation {
  // SAFETY: only the accessors below touch it, and nothing they do re-enters.
  @exclusivity(unchecked) private var slots: [Value]
  let parent: Activation?

  init(count: Int, parent: Activation?) {
    unsafe slots = [Value](repeating: .missing, count: count)
    self.parent = parent
  }

  subscript(slot: Int32) -> Value {
    get { unsafe slots[Int(slot)] }
    set { unsafe slots[Int(slot)] = newValue }
  }

  /// Unsets all variables.
  func removeAll() {
    for slot in unsafe slots.indices { unsafe slots[slot] = .missing }
  }

  func ancestor(_ hops: Int32) -> Activation {
    var activation = self
    for _ in 0..<hops { if let parent = activation.parent { activation = parent } }
    return activation
  }
}
