// SPDX-License-Identifier: Apache-2.0

/// A piece of a Jinja render while its turn and its author are found: small and free of
/// references, since a long conversation has thousands.
struct JinjaPiece {
  enum Kind: UInt8 { case literal, token, field }

  var start: Int32
  var end: Int32
  var kind: Kind
  /// The number of the template's literal; negative for none.
  var literal: Int32 = -1
  /// The number of the field's name in ``JinjaPieces/fields``.
  var field: Int32 = -1
  /// The message whose turn it stands in; negative for none.
  var turn: Int32 = -1
  /// Whether the engine told the turn; else it follows from the fields around.
  var isInLoop = false
  /// The message that it belongs to, which for a field is its own; negative for none.
  var message: Int32 = -1
  var part: Int32 = -1
  /// Whether it is the generation prompt's.
  var isOpening = false
  var isModel = false
  var isTerminator = false

  var range: Range<Int> { Int(start)..<Int(end) }
}
