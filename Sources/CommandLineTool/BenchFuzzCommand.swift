// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OrderedJSON
import TextPrimitives
import Tokenization

extension BenchCommand {
  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Random texts, encoded and held against the definition.",
      discussion: """
        The definition takes one rule at a time and ICU's regular expressions, and remembers nothing. \
        The first text whose ids differ is written, and the exit status is 1. The same seed gives the \
        same texts.
        """)
    @OptionGroup var source: TokenizerOptions
    @Option(help: "How many texts.") var count = 100_000
    @Option(help: "What the texts are drawn by.") var seed: UInt64 = 1
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
      let tokenizer = try source.load()
      let oracle = try DefinitionEncoder(tokenizer)
      var texts = RandomTexts(tokenizer, seed: seed)
      var size = 0
      for number in 0..<max(0, count) {
        let text = texts.next()
        size += text.count
        let (found, wanted) = (try tokenizer.identifiers(of: text), oracle.identifiers(of: text))
        guard found == wanted else {
          let shown = JSONValue.string(ExactString(String(decoding: text, as: UTF8.self)))
          throw ToolError(
            .input,
            "text \(number) of seed \(seed), \(shown.serialized()), is encoded as \(found); "
              + "by the definition it is \(wanted)")
        }
      }
      BenchCommand.write(
        ["texts": .integer(max(0, count)), "bytes": .integer(size), "different": .integer(0)],
        json: json)
    }
  }
}
