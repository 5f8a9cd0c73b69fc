// SPDX-License-Identifier: Apache-2.0

/// Finds the names of a template among the keys of the caller's objects, so that reading
/// `message.role` compares numbers instead of text.
final class SymbolTable: Sendable {
  /// Open addressing by hash; -1 is free.
  private let slots: [Int32]
  private let texts: [Text]

  init(_ names: [ProgramName]) {
    var size = 16
    while size < names.count * 4 { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    for (index, name) in names.enumerated() {
      var slot = name.hash & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(index)
    }
    self.slots = slots
    texts = names.map(\.text)
  }

  /// The number of a name; -1 where the template does not know it.
  func find(_ text: Text, hash: Int) -> Int32 {
    let mask = slots.count - 1
    var slot = hash & mask
    while slots[slot] >= 0 {
      if texts[Int(slots[slot])] == text { return slots[slot] }
      slot = (slot + 1) & mask
    }
    return -1
  }

  /// As ``find(_:hash:)``, for a key that is no text of the engine yet.
  func find(_ key: String) -> Int32 {
    let bytes = key.utf8Span.span
    let mask = slots.count - 1
    var slot = Bytes.hash(bytes) & mask
    while slots[slot] >= 0 {
      if Bytes.equal(texts[Int(slots[slot])].storage.bytes, bytes) { return slots[slot] }
      slot = (slot + 1) & mask
    }
    return -1
  }
}
