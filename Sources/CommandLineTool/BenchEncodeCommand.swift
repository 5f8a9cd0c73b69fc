// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OrderedJSON
import TextPrimitives
import Tokenization

extension BenchCommand {
  struct Encode: ParsableCommand {
    /// What is asked of the tokenizer.
    enum Wish: String, CaseIterable, ExpressibleByArgument {
      case ids, offsets, count
    }

    static let configuration = CommandConfiguration(abstract: "Text to ids, in MB/s.")
    @OptionGroup var source: TokenizerOptions
    @Option(help: "The text.") var file: String
    @Option(help: "How many threads share the text.") var threads = 1
    @Option(help: "How many passes over the text.") var passes = 5
    @Option(help: "What is asked for: ids, offsets (with ids and all else) or count.")
    var wish = Wish.ids
    @Flag(help: "Take every line for a text of its own.") var lines = false
    @Flag(help: "Let every pass start with nothing remembered of earlier ones.") var fresh = false
    @Flag(help: "Count the processor's time, of all threads, instead of the clock's.")
    var processorTime = false
    @Flag(help: "Write JSON.") var json = false

    func validate() throws {
      if wish != .ids, lines || threads > 1 {
        throw ValidationError("--wish is for one text on one thread.")
      }
    }

    func run() throws {
      let bytes = try TextInput.bytes(file)
      var tokenizer = try source.load()
      ProcessMemory.keepFreed()
      var parts = [bytes]
      if lines {
        parts = bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) }
      } else if threads > 1 {
        parts = Self.parts(bytes, count: threads * 8)
      }
      var times: [Double] = []
      var ids: [[TokenID]] = []
      var count = 0
      for _ in 0..<max(1, passes) {
        ids = []
        if fresh { tokenizer = Tokenizer(tokenizer.configuration) }
        let encode = {
          switch wish {
          case .ids where parts.count > 1:
            ids = try tokenizer.identifiers(ofBatch: parts, threads: threads)
          case .ids: ids = [try tokenizer.identifiers(of: bytes)]
          case .offsets: ids = [try tokenizer.encode(bytes: bytes).ids]
          case .count: count = try tokenizer.count(bytes: bytes)
          }
        }
        times.append(
          try processorTime
            ? BenchCommand.processorSeconds(encode).0 : BenchCommand.seconds(encode).0)
      }
      let size = Double(parts.reduce(0) { $0 + $1.count }) / 1e6
      let all = ids.count == 1 ? ids[0] : Array(ids.joined())
      BenchCommand.write(
        [
          "cold_mb_s": .double(size / times[0]),
          "warm_mb_s": .double(
            size / (times.count > 1 ? BenchCommand.median(Array(times.dropFirst())) : times[0])),
          "best_mb_s": .double(size / (times.min() ?? times[0])),
          "tokens": .integer(max(count, all.count)),
          "checksum": .string(ExactString(BenchCommand.checksum(all))),
        ], json: json)
    }

    /// The text in about `count` parts that end where lines do.
    private static func parts(_ bytes: [UInt8], count: Int) -> [[UInt8]] {
      var parts: [[UInt8]] = []
      var start = 0
      let size = max(1, bytes.count / count)
      while start < bytes.count {
        let wish = min(start + size, bytes.count)
        let end = bytes[wish...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        parts.append(Array(bytes[start..<end]))
        start = end
      }
      return parts
    }
  }
}
