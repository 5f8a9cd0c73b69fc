// SPDX-License-Identifier: Apache-2.0

import TextNormalization

/// What GPT-2's pattern tells apart.
enum LetterClass: UInt8 {
  /// Neither `\p{L}`, `\p{N}` nor `\s`; the table's value for what no set holds.
  case other
  case letter, number, whitespace
}

/// The classes of scalars, as the reference's regex engine has them.
struct LetterClassTable {
  private let table: ScalarTable

  init() {
    var table = ScalarTable()
    let classes: [(LetterClass, ScalarClass)] = [
      (.letter, .letter), (.number, .number), (.whitespace, .whiteSpace),
    ]
    for (kind, scalars) in classes {
      for range in scalars.set.ranges { table.set(kind.rawValue, in: range) }
    }
    self.table = table
  }

  /// The class of the scalar that starts at `place`, and its length in bytes.
  @inline(__always)
  func classify(_ text: Span<UInt8>, _ place: Int) -> (class: LetterClass, length: Int) {
    let (scalar, length) = UTF8Scalars.decode(text, at: place)
    return (LetterClass(rawValue: table[scalar]) ?? .other, length)
  }
}
