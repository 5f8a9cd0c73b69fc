// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ChatTemplates
import Glibc
import OrderedJSON
import TextPrimitives

extension BenchCommand {
  /// `dialect bench parse`: how long an answer takes to be taken apart, at once and while it arrives.
  struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "parse", abstract: "An answer to a message, in milliseconds of the processor.",
      discussion: """
        'batch' has the whole answer, 'stream' gets it in pieces. 'equal' tells whether both gave \
        the same message.
        """)

    @OptionGroup var template: TemplateOptions
    @Option(help: ArgumentHelp("What the model wrote.", valueName: "file")) var response: String
    @Option(help: "Bytes of a piece.") var chunk = 16
    @Flag(help: "Write JSON.") var json = false

    func validate() throws {
      guard chunk > 0 else { throw ValidationError("--chunk must be 1 or more") }
    }

    func run() throws {
      let template = try template.load()
      ProcessMemory.keepFreed()
      let bytes = try TextInput.bytes(response)
      let text = String(decoding: bytes, as: UTF8.self)
      let (batch, whole) = BenchCommand.processorSeconds { template.parse(response: text) }
      let (streaming, streamed) = BenchCommand.processorSeconds { () -> ParsedResponse in
        var stream = template.makeResponseStream()
        var start = 0
        while start < bytes.count {
          let end = min(start + chunk, bytes.count)
          _ = stream.feed(bytes: Array(bytes[start..<end]))
          start = end
        }
        _ = stream.finish()
        return stream.response
      }
      BenchCommand.write(
        [
          "bytes": .integer(bytes.count), "batch_ms": .double(batch * 1e3),
          "stream_ms": .double(streaming * 1e3), "equal": .bool(streamed == whole),
          "calls": .integer(whole.message.toolCalls.count),
          "peak_mb": .double(Self.peakMegabytes),
        ], json: json)
    }

    /// The most memory that the process has held.
    private static var peakMegabytes: Double {
      var usage = rusage()
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) / 1024
    }
  }
}
