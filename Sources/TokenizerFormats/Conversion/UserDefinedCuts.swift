// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// Says in a `tokenizer.json` what SentencePiece does with user-defined pieces.
///
/// SentencePiece looks for them in the normalized text, while `tokenizers` cuts a text at added
/// tokens first and normalizes each part as a text of its own, with a mark put before it. So the
/// pieces are not written as added tokens: a pre-tokenizer cuts them out of the normalized text, and
/// the model looks up whole words before it merges, which gives the pieces their ids.
///
/// That look-up must not find what merging never gives, such as `<s>` or `<0x0A>` between two
/// user-defined pieces. A second pre-tokenizer cuts a word that is exactly such a piece in two, at a
/// place where merging has a boundary anyway.
struct UserDefinedCuts {
  /// Why the pieces cannot be cut out.
  struct Problem: Error {
    let piece: String
  }

  /// A word that is cut in two.
  private struct Cut {
    var head: String
    var tail: String
  }

  private let pieces: [String]
  private var cuts: [Cut] = []

  /// Finds the cuts for user-defined pieces.
  ///
  /// - Throws: ``Problem`` with a piece that merging never gives and that has no place to cut.
  init(_ tokens: [AddedToken], in model: BPE) throws(Problem) {
    pieces = tokens.map(\.content.string).sorted { $0.utf8.count > $1.utf8.count }
    let merging = Tokenizer(Tokenizer.Configuration(model: model))
    let vocabulary = model.vocabulary
    let userDefined = Set(tokens.map(\.id))
    func isLookedUpRight(_ text: [UInt8]) -> Bool {
      guard let id = vocabulary.identifier(of: text) else { return true }
      return (try? merging.identifiers(of: text)) == [id]
    }
    for id in 0..<TokenID(vocabulary.identifierBound) where !userDefined.contains(id) {
      guard let bytes = vocabulary.spelling(of: id), !isLookedUpRight(bytes) else { continue }
      let starts = (try? merging.encode(bytes: bytes))?.offsets.dropFirst().map(\.lowerBound) ?? []
      let place = starts.first { start in
        bytes[start] & 0xC0 != 0x80 && isLookedUpRight(Array(bytes[..<start]))
          && isLookedUpRight(Array(bytes[start...]))
      }
      guard let place else { throw Problem(piece: String(decoding: bytes, as: UTF8.self)) }
      cuts.append(
        Cut(
          head: String(decoding: bytes[..<place], as: UTF8.self),
          tail: String(decoding: bytes[place...], as: UTF8.self)))
    }
  }

  /// The pre-tokenizer, as `tokenizer.json` spells it.
  var preTokenizer: JSONValue {
    let steps = [pieces.map(SplitPattern.escaped).joined(separator: "|")] + guardPattern
    return ComponentWriter.component(
      "Sequence", ["pretokenizers": .array(steps.map(Self.isolating))])
  }

  private static func isolating(_ pattern: String) -> JSONValue {
    ComponentWriter.component(
      "Split",
      [
        "pattern": ["Regex": .string(ExactString(pattern))], "behavior": "Isolated",
        "invert": false,
      ])
  }

  /// Matches the head of a word that is to be cut.
  private var guardPattern: [String] {
    if cuts.isEmpty { return [] }
    let heads = Dictionary(grouping: cuts, by: \.head).sorted { $0.key < $1.key }
    let alternatives = heads.map { head, cuts in
      let tails = cuts.map { SplitPattern.escaped($0.tail) }.joined(separator: "|")
      return #"\#(SplitPattern.escaped(head))(?=(?:\#(tails))\z)"#
    }
    return [#"\A(?:\#(alternatives.joined(separator: "|")))"#]
  }
}
