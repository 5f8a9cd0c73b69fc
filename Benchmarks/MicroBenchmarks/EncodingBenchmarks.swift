// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Dialect

/// Text to ids.
///
/// A first pass is that of a tokenizer that has seen no text; all others follow one.
func encodingBenchmarks() {
  for (suffix, vocabulary) in [("", BuiltInVocabulary.byteLevel), ("-metaspace", .metaspace)] {
    Benchmark.add("encode-prose\(suffix)") {
      try laterPasses(over: SampleText.prose(), vocabulary)
    }
    Benchmark.add("encode-prose\(suffix)-first-pass") {
      try firstPass(over: SampleText.prose(), vocabulary)
    }
  }
  Benchmark.add("encode-unspaced") { try laterPasses(over: SampleText.unspaced(), .byteLevel) }
  Benchmark.add("encode-unspaced-first-pass") {
    try firstPass(over: SampleText.unspaced(), .byteLevel)
  }
  Benchmark.add("encode-prose-offsets") {
    let (text, tokenizer) = (try SampleText.prose(), try BuiltInVocabulary.byteLevel.tokenizer())
    let encoding = try tokenizer.encode(bytes: text)
    let isWhole =
      encoding.offsets.first?.lowerBound == 0 && encoding.offsets.last?.upperBound == text.count
    try WrongResult.unless(isWhole, "offsets that leave out text")
    return Work(bytes: text.count) { blackHole(try tokenizer.encode(bytes: text)) }
  }
  Benchmark.add("count-prose") {
    let (text, tokenizer) = (try SampleText.prose(), try BuiltInVocabulary.byteLevel.tokenizer())
    let count = try tokenizer.identifiers(of: text).count
    try WrongResult.unless(try tokenizer.count(bytes: text) == count, "another count than of ids")
    return Work(bytes: text.count) { blackHole(try tokenizer.count(bytes: text)) }
  }
  Benchmark.add("encode-short-documents") {
    let (text, tokenizer) = (try SampleText.prose(), try BuiltInVocabulary.byteLevel.tokenizer())
    let size = 200
    let documents = stride(from: 0, to: text.count, by: size).map { start in
      Array(text[start..<min(start + size, text.count)])
    }
    _ = try tokenizer.identifiers(ofBatch: documents, threads: 1)
    return Work(bytes: text.count) {
      blackHole(try tokenizer.identifiers(ofBatch: documents, threads: 1))
    }
  }
  Benchmark.add("encode-one-letter") {
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: SampleText.byteCount)
    return try laterPasses(over: text, .byteLevel)
  }
  Benchmark.add("encode-random-bytes") {
    // All that follows the first byte that is not UTF-8 is one word.
    var configuration = try BuiltInVocabulary.byteLevel.tokenizer().configuration
    configuration.invalidUTF8 = .mergeTail
    return try laterPasses(over: SampleText.randomBytes(), Tokenizer(configuration))
  }
}

/// Passes over a text that the tokenizer has seen.
private func laterPasses(over text: [UInt8], _ vocabulary: BuiltInVocabulary) throws -> Work {
  try laterPasses(over: text, vocabulary.tokenizer())
}

private func laterPasses(over text: [UInt8], _ tokenizer: Tokenizer) throws -> Work {
  try check(tokenizer.identifiers(of: text), spell: text, tokenizer)
  return Work(bytes: text.count) { blackHole(try tokenizer.identifiers(of: text)) }
}

/// The pass of a new tokenizer over a text; making it is not measured.
private func firstPass(over text: [UInt8], _ vocabulary: BuiltInVocabulary) throws -> Work {
  let configuration = try vocabulary.tokenizer().configuration
  let tokenizer = Tokenizer(configuration)
  try check(tokenizer.identifiers(of: text), spell: text, tokenizer)
  return Work(
    byteCount: text.count,
    prepare: {
      let tokenizer = Tokenizer(configuration)
      return { blackHole(try tokenizer.identifiers(of: text)) }
    })
}

private func check(_ ids: [TokenID], spell text: [UInt8], _ tokenizer: Tokenizer) throws {
  try WrongResult.unless(try tokenizer.decodedBytes(ids) == text, "ids that spell another text")
}
