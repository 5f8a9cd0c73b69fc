// SPDX-License-Identifier: Apache-2.0

import Tokenization
import TokenizerFormats

extension ConvertCommand {
  /// The source as Hugging Face's `tokenizer.json`.
  func convertToTokenizerJSON() throws -> [UInt8] {
    let tokenizer = try ranks.load(source)
    let converted: ConvertedTokenizer
    do {
      converted = try tokenizer.tokenizerJSON(allowsLoss: allowLoss)
    } catch {
      throw ToolError(.input, "\(source): \(error); --allow-loss writes it all the same")
    }
    for loss in converted.losses { Console.complain("\(source): lost: \(loss)") }
    for note in converted.notes { Console.complain("\(source): note: \(note)") }
    return converted.bytes
  }
}
