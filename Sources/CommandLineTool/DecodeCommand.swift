// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OrderedJSON
import TextPrimitives
import Tokenization

/// `dialect decode`: ids to text.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Turns token ids into text.",
    discussion: """
      Ids stand on the command line or on standard input, separated by spaces or commas; brackets \
      around them are fine.

        dialect decode --tokenizer tokenizer.json 9906 1917
        dialect tokenize --tokenizer tokenizer.json --text Hello --ids | \
      dialect decode --tokenizer tokenizer.json

      With --jsonl, a line {"ids": [9906]} on standard input gives a line {"text": "Hello"}.
      """)

  @OptionGroup var source: TokenizerOptions

  @Argument(help: "The ids.")
  var ids: [String] = []

  @Flag(help: "Leave special tokens out.")
  var skipSpecial = false

  @Flag(help: "Take back spaces before punctuation, as clean_up_tokenization_spaces does.")
  var cleanUp = false

  @Flag(help: "Write each piece of text as soon as it is certain.")
  var stream = false

  @Flag(help: "Read and write JSON, a line per text.")
  var jsonl = false

  @Flag(help: "Write the text as JSON.")
  var json = false

  func validate() throws {
    guard !(cleanUp && stream) else {
      throw ValidationError("--clean-up needs the whole text, so it excludes --stream")
    }
  }

  func run() throws {
    let tokenizer = try source.load()
    if jsonl {
      BatchStream.run { line in
        let ids = try TokenIDs.read(line["ids"])
        return ["text": .string(ExactString(try decode(ids, with: tokenizer)))]
      }
      return
    }
    let ids = try identifiers()
    if stream { return try writeStream(ids, tokenizer) }
    let text = try decode(ids, with: tokenizer)
    if json {
      Console.write(JSONValue.object(["text": .string(ExactString(text))]).serialized() + "\n")
    } else {
      Console.writeResult(text)
    }
  }

  private func decode(_ ids: [TokenID], with tokenizer: Tokenizer) throws -> String {
    do {
      return try tokenizer.decode(
        ids, skippingSpecialTokens: skipSpecial, cleaningUpSpaces: cleanUp)
    } catch {
      throw ToolError(.input, "\(error)")
    }
  }

  private func writeStream(_ ids: [TokenID], _ tokenizer: Tokenizer) throws {
    var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: skipSpecial)
    do {
      for id in ids {
        if let text = try decoder.append(id) { Console.write(text) }
      }
      if let rest = try decoder.finish() { Console.write(rest) }
    } catch {
      throw ToolError(.input, "\(error)")
    }
    if Console.isTerminal { Console.write("\n") }
  }

  private func identifiers() throws -> [TokenID] {
    var words = ids
    if words.isEmpty || words == ["-"] {
      words = [String(decoding: try TextInput.bytes("-"), as: UTF8.self)]
    }
    return try TokenIDs.read(words)
  }
}
