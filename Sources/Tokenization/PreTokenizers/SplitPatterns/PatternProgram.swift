// SPDX-License-Identifier: Apache-2.0

/// A compiled pattern: instructions, and the classes that they ask for.
final class PatternProgram: Sendable {
  struct Instruction: Sendable, BitwiseCopyable {
    enum Operation: UInt8, Sendable, BitwiseCopyable {
      /// The pattern, or the group that is tried apart, has matched.
      case accept
      /// Takes one scalar of `mask`.
      case one
      /// Takes scalars of `mask`, as many as there are, and never gives one back.
      case possessiveRun
      /// The same, but gives back: to a place whose scalar is in `needed`, where that is not 0.
      case greedyRun
      /// Takes as few scalars as will do.
      case lazyRun
      /// Goes on at the next instruction where the scalar is in `mask`, and at `target` if that
      /// fails, where the scalar is in `needed`; a mask of 0 does not ask.
      case split
      /// The same with the order reversed.
      case lazySplit
      case jump
      /// Matches what follows up to an accept without taking it back, then goes on at `target`.
      case atomic
      /// Looks whether what follows up to an accept matches, then goes on at `target`.
      case lookAhead
      /// Whether the scalar here is in `mask`.
      case lookAheadSet
      /// Whether the scalar before is in `mask`.
      case lookBehindSet
      case textStart, textEnd, lineStart, lineEnd
    }

    var operation: Operation
    /// Turns a look round; for a line start, whether it has Oniguruma's rule.
    var isNegative = false
    var minimum: Int32 = 0
    var maximum: Int32 = .max
    var target: Int32 = 0
    var mask: UInt64 = 0
    var needed: UInt64 = 0
  }

  let code: ConstantTable<Instruction>
  let masks: ScalarMasks
  /// Where each alternative at the top starts.
  let entries: ConstantTable<Int>
  /// What each alternative looks like.
  let shapes: ConstantTable<PatternShape>
  /// For each first byte, the alternatives that can start with it, a bit each.
  let entriesByByte: ConstantTable<UInt64>
  /// The alternatives that can match at the end of the text.
  let endEntries: UInt64
  /// The same for many bytes at once, where that is possible.
  let window: ByteWindow?
  /// The pieces of many bytes at once, for patterns of the usual kind.
  let rules: RunRules?

  init(
    code: [Instruction], masks: ScalarMasks, entries: [Int], shapes: [PatternShape],
    entriesByByte: [UInt64], endEntries: UInt64, rules: RunRules?
  ) {
    self.code = ConstantTable(code)
    self.masks = masks
    self.entries = ConstantTable(entries)
    self.shapes = ConstantTable(shapes)
    self.entriesByByte = ConstantTable(entriesByByte)
    self.endEntries = endEntries
    self.rules = rules
    window = ByteWindow(shapes, entriesByByte: entriesByByte, masks: masks)
  }
}
