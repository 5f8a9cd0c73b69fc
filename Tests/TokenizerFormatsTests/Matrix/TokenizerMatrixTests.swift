// SPDX-License-Identifier: Apache-2.0

import Glibc
import OrderedJSON
import TestSupport
import Testing
import TextPrimitives

/// Every component and option of a tokenizer.json against `tokenizers`, over random texts.
///
/// Scripts/generate_tokenizer_matrix.py made the fixture; its `--show NAME INDEX` prints what the
/// reference makes of a text that a failure names. By default the first 128 texts of each tokenizer
/// are tried; `DIALECT_MATRIX=full` tries all 2048.
@Suite("Tokenizer matrix") struct TokenizerMatrixTests {
  private static let groupCount = 8

  @Test(arguments: 0..<Self.groupCount)
  func `components do what the reference does`(group: Int) throws {
    let lines = try Fixtures.lines("TokenizerMatrix/matrix.jsonl")
    let texts = MatrixTexts(lines[0]["pools"])
    let isFull = unsafe getenv("DIALECT_MATRIX") != nil
    for (place, line) in lines.dropFirst().enumerated() where place % Self.groupCount == group {
      let entry = try MatrixEntry(line, models: lines[0]["models"] ?? .null, texts: texts)
      for block in 0..<(isFull ? entry.blockCount : 1) {
        if let difference = try entry.difference(inBlock: block) {
          Issue.record("\(difference)")
          break
        }
      }
    }
  }
}
