// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Dialect
import Foundation

/// What happens before the first text: reading vocabularies and templates.
func loadingBenchmarks() {
  Benchmark.add("load-tokenizer-json") {
    let file = BuiltInVocabulary.byteLevel.tokenizerJSON
    return Work(bytes: file.count) {
      blackHole(try Tokenizer(tokenizerJSON: file, name: "tokenizer.json"))
    }
  }
  let folder = TemporaryFolder()
  Benchmark.add("load-compiled", teardown: { try folder.remove() }) {
    try compiledLoads(in: folder)
  }
  // A template loads too fast to be timed alone.
  let repetitions = 5
  for family in ["llama-3.1", "qwen3"] {
    Benchmark.add("load-\(family)") {
      let source = try ChatTemplate(family: family).sources.reduce(0) { $0 + $1.text.utf8.count }
      return Work(bytes: source * repetitions) {
        for _ in 0..<repetitions { blackHole(try ChatTemplate(family: family)) }
      }
    }
    Benchmark.add("load-\(family)-jinja") {
      let source = try ChatTemplate(family: family).jinjaSource()
      return Work(bytes: source.utf8.count * repetitions) {
        for _ in 0..<repetitions { blackHole(try ChatTemplate(jinja: source, name: family)) }
      }
    }
  }
}

/// Loads a vocabulary whose compiled form is kept in a folder.
private func compiledLoads(in folder: TemporaryFolder) throws -> Work {
  let json = BuiltInVocabulary.byteLevel.tokenizerJSON
  let file = try folder.write(json, named: "tokenizer.json")
  let cache = TokenizerCache(directory: folder.path + "/cache")
  // A file is compiled only when its time stamp is old enough to tell it from later content.
  Thread.sleep(forTimeInterval: 0.2)
  let (first, second) = (
    try Tokenizer(contentsOf: file, cache: cache), try Tokenizer(contentsOf: file, cache: cache)
  )
  try WrongResult.unless(
    try !FileManager.default.contentsOfDirectory(atPath: cache.directory).isEmpty,
    "nothing compiled")
  let text = try SampleText.prose(byteCount: 1000)
  try WrongResult.unless(
    try first.identifiers(of: text) == second.identifiers(of: text), "other ids when compiled")
  return Work(bytes: json.count) { blackHole(try Tokenizer(contentsOf: file, cache: cache)) }
}

/// A folder that is made when it is written to.
private struct TemporaryFolder {
  let path =
    FileManager.default.temporaryDirectory.path + "/dialect-benchmarks-\(UUID().uuidString)"

  /// Writes a file.
  ///
  /// - Returns: Its path.
  func write(_ bytes: [UInt8], named name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Removes the folder with all that is in it.
  func remove() throws {
    try FileManager.default.removeItem(atPath: path)
  }
}
