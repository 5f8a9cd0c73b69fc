// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Synchronization
import TokenizerTraining

/// `dialect train`: text to a vocabulary.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learns a BPE vocabulary from text files.",
    discussion: """
      Writes a tokenizer.json with the merges that Hugging Face's BpeTrainer learns from the same \
      text and settings, in the same order.

        dialect train --vocab-size 16384 --format byte-level --special "<s>" --special "</s>" \
      --output tokenizer.json corpus/*.txt
      """)

  @Option(help: "How many tokens, special ones and the alphabet included.")
  var vocabSize = 30_000

  @Option(help: "How text is cut and spelled: byte-level or metaspace.")
  var format: Format = .byteLevel

  @Option(
    help: ArgumentHelp(
      "A control token; repeat it for more. They get the first ids.", valueName: "token"))
  var special: [String] = []

  @Option(help: "Pairs that occur less often are not merged.")
  var minFrequency = 0

  @Option(help: "Keep only so many letters of the alphabet, the most frequent ones.")
  var limitAlphabet: Int?

  @Option(help: "Merged tokens stay shorter than this, in letters.")
  var maxTokenLength: Int?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Where the tokenizer.json goes; standard output by default.", valueName: "file"))
  var output: String?

  @Argument(help: "Text files, UTF-8.")
  var files: [String]

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case byteLevel = "byte-level"
    case metaspace
  }

  func run() throws {
    ProcessMemory.keepFreed()
    var options = TrainingOptions(format: format == .byteLevel ? .byteLevel : .metaspace)
    options.vocabularySize = vocabSize
    options.specialTokens = special
    options.minimumFrequency = minFrequency
    options.alphabetLimit = limitAlphabet
    options.maximumTokenLength = maxTokenLength
    let progress = Console.isErrorTerminal ? ProgressLine() : nil
    var handler: TrainingProgress.Handler?
    if let progress { handler = { progress.show($0) } }
    let trained: TrainedTokenizer
    do throws(TrainingError) {
      trained = try BPETrainer(options, progress: handler).train(files: files)
    } catch {
      var status = ToolError.Status.input
      if case .unreadable = error.kind { status = .loading }
      throw ToolError(status, "\(error)")
    }
    progress?.clear()
    guard let output else { return Console.write(trained.tokenizerJSON()) }
    try OutputFile.write(trained.tokenizerJSON(), to: output)
  }
}

/// How far the training is, on one line of the terminal.
private final class ProgressLine: Sendable {
  private let shown = Mutex<(stage: TrainingProgress.Stage, percent: Int)?>(nil)

  func show(_ progress: TrainingProgress) {
    let percent = progress.total > 0 ? progress.completed * 100 / progress.total : 100
    let isNew = shown.withLock { shown in
      defer { shown = (progress.stage, percent) }
      return shown?.stage != progress.stage || shown?.percent != percent
    }
    guard isNew else { return }
    let verb =
      switch progress.stage {
      case .reading: "reading"
      case .counting: "counting pairs"
      case .merging: "merging"
      }
    Console.progress("\(verb) \(percent) %")
  }

  func clear() {
    Console.progress("")
  }
}
