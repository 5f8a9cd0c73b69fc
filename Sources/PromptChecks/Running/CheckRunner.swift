// SPDX-License-Identifier: Apache-2.0

public import PromptFixtures
import TextPrimitives
import Tokenization

/// Runs fixture files in parallel and gives verdicts in their order.
///
/// ```swift
/// let summary = CheckRunner().run(["Tests/Prompts"]) { verdict in print(verdict.name) }
/// summary.failed  // 0
/// ```
public struct CheckRunner: Sendable {
  /// What came of all cases.
  public struct Summary: Sendable {
    /// Cases that are as recorded.
    public internal(set) var passed = 0
    /// Cases that are not, and files that cannot be used.
    public internal(set) var failed = 0
    /// Cases whose record was changed.
    public internal(set) var recorded = 0
    /// Files that cannot be used.
    public internal(set) var errors: [FixtureError] = []
  }

  /// Files are read this many at a time; of a JSON Lines file this many cases times 16.
  private static let batchSize = 32

  /// Changes the records to what comes out now.
  public var updates = false
  /// Runs only cases in whose `file: name` this text stands.
  public var filter: String?
  /// What recordings are said to be made by, such as `dialect 0.1.0`.
  public var program = "dialect"
  /// What fixtures refer to.
  public let inputs: FixtureInputs

  /// A runner.
  public init(inputs: FixtureInputs = FixtureInputs()) {
    self.inputs = inputs
  }

  /// Runs files; folders are searched for fixtures.
  ///
  /// Memory does not grow with the number of files, nor with the length of a JSON Lines file
  /// beyond the file itself.
  /// - Parameters:
  ///   - paths: Files and folders.
  ///   - report: Is given every verdict, in order.
  /// - Returns: How many passed and failed.
  public func run(_ paths: [String], report: (CaseVerdict) -> Void) -> Summary {
    var summary = Summary()
    let files: [String]
    do throws(FixtureError) {
      files = try FixtureFile.find(paths)
    } catch {
      summary.note(error)
      return summary
    }
    for start in stride(from: 0, to: files.count, by: Self.batchSize) {
      let batch = Array(files[start..<min(start + Self.batchSize, files.count)])
      let opened = Parallel.map(batch) { path in
        Result { () throws(FixtureError) in try FixtureStream(FixtureSource(path: path)) }
      }
      run(opened, &summary, report)
    }
    return summary
  }

  private func run(
    _ opened: [Result<FixtureStream, FixtureError>], _ summary: inout Summary,
    _ report: (CaseVerdict) -> Void
  ) {
    var waiting: [(FixtureCase, FixtureSource)] = []
    func flush() {
      for verdict in Parallel.map(waiting, { verdict(on: $0.0, of: $0.1) }) {
        summary.count(verdict)
        report(verdict)
      }
      waiting.removeAll()
    }
    for result in opened {
      do throws(FixtureError) {
        var stream = try result.get()
        if updates {
          flush()
          try update(try FixtureFile(stream.source), &summary, report)
          continue
        }
        while let cases = try stream.next(limit: Self.batchSize * 16) {
          waiting += cases.filter { isWanted($0, stream.source) }.map { ($0, stream.source) }
          if waiting.count >= Self.batchSize * 16 { flush() }
        }
      } catch {
        flush()
        summary.note(error)
      }
    }
    flush()
  }

  private func isWanted(_ item: FixtureCase, _ source: FixtureSource) -> Bool {
    guard let filter else { return true }
    let (text, part) = (Array("\(source.path): \(item.name)".utf8), Array(filter.utf8))
    guard part.count <= text.count else { return false }
    return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
  }

  /// Runs one case.
  ///
  /// - Parameters:
  ///   - item: The case.
  ///   - path: The file that it is from, for the verdict.
  /// - Returns: How it ended, and why.
  public func verdict(on item: FixtureCase, of path: String) -> CaseVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    var differences: [CaseVerdict.Difference]
    var notes: [String] = []
    do throws(InputError) {
      let run = try CaseRun(item, inputs)
      differences = CaseComparison(item: item, run: run).differences
      if item.expectation.isEmpty {
        differences = [
          .init(
            part: "record", summary: "there is none yet; --update makes it", detail: StyledText())
        ]
      } else if !differences.isEmpty {
        notes = drift(item.recorded, run)
      }
    } catch {
      differences = [.init(part: "input", summary: error.description, detail: StyledText())]
    }
    let time = (clock.now - start).components
    return CaseVerdict(
      file: path, line: item.line, name: item.name,
      outcome: differences.isEmpty ? .passed : .failed, differences: differences, notes: notes,
      duration: Double(time.seconds) + Double(time.attoseconds) * 1e-18)
  }

  private func verdict(on item: FixtureCase, of source: FixtureSource) -> CaseVerdict {
    verdict(on: item, of: source.path)
  }

  /// Whether the inputs are those of the record: a changed template is no changed behaviour.
  private func drift(_ recorded: RecordedInputs, _ run: CaseRun) -> [String] {
    var notes: [String] = []
    var isSame = recorded.template != nil
    func compare(_ name: String, _ old: String?, _ new: @autoclosure () -> String?) {
      guard let old, let new = new() else { return }
      guard old != new else { return }
      isSame = false
      notes.append(
        "the \(name) is another one than when this was recorded "
          + "(\(old.prefix(12))… then, \(new.prefix(12))… now)")
    }
    compare("template", recorded.template, run.template.digest)
    compare("tokenizer", recorded.tokenizer, run.tokenizer?.digest)
    if isSame {
      let program = recorded.program.map { ", which \($0) recorded" } ?? ""
      notes.append("template and tokenizer are those of the record\(program): behaviour changed")
    }
    return notes
  }

  // MARK: Recording

  private func update(
    _ file: FixtureFile, _ summary: inout Summary, _ report: (CaseVerdict) -> Void
  ) throws(FixtureError) {
    let cases = file.cases.filter { isWanted($0, file.source) }
    let results = Parallel.map(cases) { item in
      (verdict(on: item, of: file.path), change(to: item))
    }
    try file.write(updating: results.compactMap(\.1))
    for (verdict, change) in results {
      var verdict = verdict
      if change != nil, verdict.outcome == .failed { verdict.outcome = .recorded }
      summary.count(verdict)
      report(verdict)
    }
  }

  /// What a case's record becomes; nil where it stays.
  private func change(to item: FixtureCase) -> CaseUpdate? {
    guard let run = try? CaseRun(item, inputs) else { return nil }
    let isSame =
      !item.expectation.isEmpty && CaseComparison(item: item, run: run).differences.isEmpty
    var recorded = run.recordedInputs(program: program)
    if isSame {
      // A record that was made elsewhere keeps its origin as long as it holds.
      guard item.recorded.template != nil, item.recorded.template != recorded.template
      else { return nil }
      recorded.program = item.recorded.program
      return CaseUpdate(name: item.name, expectation: item.expectation, recorded: recorded)
    }
    return CaseUpdate(
      name: item.name, expectation: run.expectation(like: item.expectation), recorded: recorded)
  }
}

extension CheckRunner.Summary {
  fileprivate mutating func count(_ verdict: CaseVerdict) {
    switch verdict.outcome {
    case .passed: passed += 1
    case .failed: failed += 1
    case .recorded: recorded += 1
    }
  }

  fileprivate mutating func note(_ error: FixtureError) {
    failed += 1
    errors.append(error)
  }
}
