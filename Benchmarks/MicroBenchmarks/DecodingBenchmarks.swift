// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Dialect

/// Ids to text, at once and one by one.
func decodingBenchmarks() {
  for (suffix, vocabulary) in [("", BuiltInVocabulary.byteLevel), ("-metaspace", .metaspace)] {
    Benchmark.add("decode-prose\(suffix)") {
      let (text, tokenizer) = (try SampleText.prose(), try vocabulary.tokenizer())
      let ids = try tokenizer.identifiers(of: text)
      try WrongResult.unless(
        try tokenizer.decode(ids).utf8.elementsEqual(text), "ids that spell another text")
      return Work(bytes: text.count) { blackHole(try tokenizer.decode(ids)) }
    }
    Benchmark.add("stream-decode-prose\(suffix)") {
      let (text, tokenizer) = (try SampleText.prose(), try vocabulary.tokenizer())
      let ids = try tokenizer.identifiers(of: text)
      var bytes: [UInt8] = []
      try stream(ids, through: tokenizer) { bytes += $0.utf8 }
      try WrongResult.unless(bytes == text, "chunks that spell another text")
      return Work(bytes: text.count) {
        try stream(ids, through: tokenizer) { blackHole($0) }
      }
    }
  }
}

/// Decodes ids one by one.
private func stream(
  _ ids: [TokenID], through tokenizer: Tokenizer, to receive: (String) -> Void
) throws {
  var decoder = tokenizer.makeStreamDecoder()
  for id in ids {
    if let text = try decoder.append(id) { receive(text) }
  }
  if let text = try decoder.finish() { receive(text) }
}
