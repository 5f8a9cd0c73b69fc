// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import TextPrimitives
import Tokenization

/// All that is known of the tokens of a text, as JSON.
enum EncodingReport {
  /// The report of an encoding of one text or two, offsets in bytes and in Unicode scalars.
  static func object(_ encoding: Encoding, of texts: [[UInt8]]) -> JSONObject {
    let strings = texts.map { String(decoding: $0, as: UTF8.self) }
    return object(encoding, strings[0], strings.count > 1 ? strings[1] : "")
  }

  private static func object(_ encoding: Encoding, _ text: String, _ pair: String) -> JSONObject {
    var report: JSONObject = [
      "ids": .array(encoding.ids.map { .integer(Int($0)) }),
      "tokens": .array(encoding.tokens.map { .string(ExactString($0)) }),
      "offsets": ranges(encoding.offsets),
      "scalar_offsets": ranges(encoding.scalarOffsets(in: text, pair: pair)),
      "type_ids": .array(encoding.typeIDs.map { .integer(Int($0)) }),
      "attention_mask": mask(encoding.attentionMask),
      "special_tokens_mask": mask(encoding.specialTokensMask),
    ]
    if !encoding.overflowing.isEmpty {
      report["overflowing"] = .array(encoding.overflowing.map { .object(object($0, text, pair)) })
    }
    return report
  }

  private static func ranges(_ ranges: some Sequence<Range<Int>>) -> JSONValue {
    .array(ranges.map { [.integer($0.lowerBound), .integer($0.upperBound)] })
  }

  /// As the reference spells masks, in ones and zeros.
  private static func mask(_ mask: TokenColumn<Bool>) -> JSONValue {
    .array(mask.map { .integer($0 ? 1 : 0) })
  }
}
