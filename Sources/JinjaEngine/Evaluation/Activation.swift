// SPDX-License-Identifier: Apache-2.0

/// The variables of one run of a function: the template, a macro, a block, a recursive loop.
///
/// A reference, since macros see the variables around them as they are when the macro runs.
@safe struct Activation: BitwiseCopyable {
  @safe private struct Cell: BitwiseCopyable {
    var slots: ArenaArray<Value>
    var parent: UnsafeMutablePointer<Cell>?
  }

  // SAFETY: the cell lies in the arena of the render that made it.
  private let cell: UnsafeMutablePointer<Cell>

  init(count: Int, parent: Activation?) {
    unsafe cell = Arena.store(
      Cell(slots: ArenaArray(repeating: .missing, count: count), parent: parent?.cell))
  }

  private init(_ cell: UnsafeMutablePointer<Cell>) { unsafe self.cell = unsafe cell }

  subscript(slot: Int32) -> Value {
    @inline(__always) get { unsafe cell.pointee.slots[Int(slot)] }
    @inline(__always) nonmutating set { unsafe cell.pointee.slots[Int(slot)] = newValue }
  }

  func ancestor(_ hops: Int32) -> Activation {
    var place = unsafe cell
    for _ in 0..<hops { if let parent = unsafe place.pointee.parent { unsafe place = parent } }
    return unsafe Activation(place)
  }
}
