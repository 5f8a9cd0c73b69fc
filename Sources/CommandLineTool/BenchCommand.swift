// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import Glibc
import OrderedJSON
import PromptEncoding
import TextPrimitives
import Tokenization

/// `dialect bench`: measures this machine, in process.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures encoding, decoding, loading, rendering, parsing and the transformer.",
    discussion: """
      Compare figures of one run on one machine only. 'cold' is the first pass of a fresh tokenizer \
      over the file, 'warm' the median of the later ones.
      """,
    subcommands: [
      Encode.self, Decode.self, Load.self, Render.self, Parse.self, Forward.self, Fuzz.self,
    ])

  /// Seconds that a body takes.
  static func seconds<Result>(_ body: () throws -> Result) rethrows -> (Double, Result) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try body()
    let duration = (clock.now - start).components
    return (Double(duration.seconds) + Double(duration.attoseconds) * 1e-18, result)
  }

  /// Seconds of the processor that a body takes, which other work on the machine hardly changes.
  static func processorSeconds<Result>(_ body: () throws -> Result) rethrows -> (Double, Result) {
    func now() -> Double {
      var time = timespec()
      unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    let result = try body()
    return (now() - start, result)
  }

  static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// A checksum of ids, so that two runs can be compared (FNV-1a).
  static func checksum(_ ids: [TokenID]) -> String {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for id in ids { state = (state ^ UInt64(id)) &* 0x100_0000_01B3 }
    return String(state, radix: 16)
  }

  static func write(_ report: JSONObject, json: Bool) {
    if json { return Console.write(JSONValue.object(report).serialized() + "\n") }
    for (name, value) in report { Console.write("\(name): \(value.serialized())\n") }
  }
}

extension BenchCommand {
  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ids to text, in MB/s.")
    @OptionGroup var source: TokenizerOptions
    @Option(help: "The text whose ids are decoded.") var file: String
    @Option(help: "How many passes.") var passes = 5
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
      let tokenizer = try source.load()
      let ids = try tokenizer.identifiers(of: try TextInput.bytes(file))
      ProcessMemory.keepFreed()
      var times: [Double] = []
      var size = 0
      for _ in 0..<max(1, passes) {
        let (time, text) = try BenchCommand.seconds { try tokenizer.decode(ids) }
        times.append(time)
        size = text.utf8.count
      }
      BenchCommand.write(
        [
          "mb_s": .double(Double(size) / 1e6 / BenchCommand.median(times)),
          "tokens": .integer(ids.count), "bytes": .integer(size),
        ], json: json)
    }
  }

  struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Loading a tokenizer, in ms.",
      discussion: "load_ms reads the file itself, cached_ms its compiled form.")
    @OptionGroup var source: TokenizerOptions
    @Option(help: "How many passes.") var passes = 5
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
      var uncached = source
      uncached.cache = "off"
      let reading = try Self.milliseconds(uncached, passes)
      var cached = JSONValue.null
      if source.tokenizer != nil, source.tokenizerCache != nil {
        _ = try source.load()
        cached = .double(try Self.milliseconds(source, passes))
      }
      BenchCommand.write(["load_ms": .double(reading), "cached_ms": cached], json: json)
    }

    private static func milliseconds(_ source: TokenizerOptions, _ passes: Int) throws -> Double {
      var times: [Double] = []
      for _ in 0..<max(1, passes) {
        times.append(try BenchCommand.seconds { try source.load() }.0)
      }
      return BenchCommand.median(times) * 1e3
    }
  }

  struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A conversation to a prompt with provenance, in microseconds.",
      discussion: "With --tokenizer, also to ids; their layout is worked out when asked for.")
    @OptionGroup var source: TokenizerOptions
    @OptionGroup var template: TemplateOptions
    @OptionGroup var conversation: ConversationOptions
    @Option(help: "How many renders.") var passes = 200
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
      let (loading, loaded) = try BenchCommand.seconds { () throws -> ChatTemplate in
        try template.load()
      }
      let (messages, options) = try conversation.read()
      ProcessMemory.keepFreed()
      var times: [Double] = []
      var size = 0
      for _ in 0..<max(1, passes) {
        let (time, prompt) = try BenchCommand.seconds { () throws -> Prompt in
          try loaded.render(messages, options: options)
        }
        times.append(time)
        size = prompt.text.utf8.count
      }
      var report: JSONObject = [
        "render_us": .double(BenchCommand.median(times) * 1e6),
        "best_us": .double((times.min() ?? 0) * 1e6), "load_ms": .double(loading * 1e3),
        "bytes": .integer(size),
      ]
      if let tokenizer = try source.named() {
        let encoder = PromptEncoder(tokenizer)
        let best = try (0..<max(1, passes)).map { _ in
          try BenchCommand.seconds { () throws -> Int in
            try encoder.encode(try loaded.render(messages, options: options)).ids.count
          }.0
        }.min()
        report["encode_us"] = .double((best ?? 0) * 1e6)
      }
      BenchCommand.write(report, json: json)
    }
  }
}
