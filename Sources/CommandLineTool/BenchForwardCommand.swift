// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import OrderedJSON
import ReferenceTransformer
import TextPrimitives

extension BenchCommand {
  /// `dialect bench forward`: tokens per second, and how near that comes to what the machine can do.
  struct Forward: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forward", abstract: "Ids to logits, in tokens per second.",
      discussion: """
        'prefill' reads a prompt at once, 'decode' token by token. With --ceiling the rates that \
        OpenBLAS reaches in this run on products of matrices of the same shapes stand beside them.
        """)

    @Option(help: ArgumentHelp("A folder with config.json and weights, or a GGUF file."))
    var model: String
    @Option(help: "Tokens of the prompt.") var prompt = 512
    @Option(help: "Tokens to decode.") var tokens = 64
    @Option(help: "How many threads the model uses.") var threads = 1
    @Option(help: "How many passes; the median counts.") var passes = 3
    @Flag(help: "Count the processor's time, not that on the wall; for one thread.")
    var processorTime = false
    @Flag(help: "Measure what OpenBLAS reaches on products alone, too; takes 400 MB.")
    var ceiling = false
    @Flag(help: "Write JSON.") var json = false

    func validate() throws {
      guard prompt > 0, tokens > 0, threads > 0 else {
        throw ValidationError("--prompt, --tokens and --threads must be 1 or more")
      }
      guard !processorTime || threads == 1 else {
        throw ValidationError("--processor-time counts one thread; leave --threads out")
      }
    }

    func run() throws {
      ProcessMemory.keepFreed()
      do throws(TransformerError) {
        BenchCommand.write(try measure(), json: json)
      } catch {
        throw ToolError(.loading, "\(error)")
      }
    }

    private func measure() throws(TransformerError) -> JSONObject {
      let clock = ContinuousClock()
      let start = clock.now
      let transformer = try Transformer(contentsOf: model)
      let loading = (clock.now - start).inSeconds
      let stopwatch = processorTime ? Stopwatch.processor : .wall
      let size = transformer.configuration
      let ids = (0..<prompt + tokens).map { UInt32(($0 * 7919 + 11) % size.vocabularySize) }
      var (prefill, decode) = ([Double](), [Double]())
      for _ in 0..<max(1, passes) {
        var session = transformer.makeSession(capacity: ids.count, threads: threads)
        prefill.append(
          try stopwatch.seconds { () throws(TransformerError) in
            try session.append(Array(ids[..<prompt]))
          })
        decode.append(
          try stopwatch.seconds { () throws(TransformerError) in
            for id in ids[prompt...] { try session.append([id]) }
          })
      }
      let prefillRate = Double(prompt) / BenchCommand.median(prefill)
      let decodeRate = Double(tokens) / BenchCommand.median(decode)
      var report: JSONObject = [
        "load_ms": .double(loading * 1e3),
        "weight_mb": .double(Double(transformer.weightByteCount) / 1e6),
        "prefill_tokens_s": .double(prefillRate),
        "decode_tokens_s": .double(decodeRate),
        "prefill_gflops": .double(prefillRate * transformer.flopsPerToken / 1e9),
        "decode_gb_s": .double(decodeRate * Double(transformer.decodedByteCount) / 1e9),
      ]
      if ceiling {
        let limits = MachineLimits.measure(
          like: transformer, count: prompt, threads: threads, stopwatch: stopwatch)
        report["sgemm_gflops"] = .double(limits.sgemmFlops / 1e9)
        report["sgemv_gb_s"] = .double(limits.sgemvBytes / 1e9)
      }
      return report
    }
  }
}
