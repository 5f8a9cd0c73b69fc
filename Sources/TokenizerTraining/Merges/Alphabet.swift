// SPDX-License-Identifier: Apache-2.0

import TextNormalization
import Tokenization

/// How words are read as letters: bytes by GPT-2's alphabet, or Unicode scalars.
enum Spelling {
  case bytes, scalars

  /// Calls `body` with each letter of a word.
  @inline(__always)
  func forEachLetter(of word: Span<UInt8>, _ body: (UInt32) -> Void) {
    switch self {
    case .bytes:
      for index in word.indices { body(ByteLetters.values[Int(word[index])]) }
    case .scalars:
      var place = 0
      while place < word.count {
        let (letter, length) = UTF8Scalars.decode(word, at: place)
        body(letter)
        place += length
      }
    }
  }
}

/// The letters that stand for bytes in byte-level vocabularies.
enum ByteLetters {
  static let values: [UInt32] = (UInt8.min...UInt8.max).map { byte in
    let spelling = ByteAlphabet.spelling(of: CollectionOfOne(byte))
    return UTF8Scalars.decode(spelling, at: 0).scalar
  }
}

/// The letters of a corpus that take part in training.
struct Alphabet {
  /// The letters in the order of their code points.
  let letters: [UInt32]

  /// Counts the letters and keeps the most frequent ones.
  ///
  /// Those of `initial` come before all others. Of equally frequent letters the lower code points stay, a choice that the
  /// reference leaves to chance.
  init(of words: WordTable, spelling: Spelling, initial: [UInt32], limit: Int?) {
    var counts: [UInt32: Int] = [:]
    for place in 0..<words.count {
      let occurrences = words.occurrences(ofWordAt: place)
      words.withWord(at: place) { word in
        spelling.forEachLetter(of: word) { counts[$0, default: 0] += occurrences }
      }
    }
    for letter in initial { counts[letter] = .max }
    var kept = counts.map { (letter: $0.key, count: $0.value) }
    if let limit, kept.count > limit {
      kept.sort { $0.count != $1.count ? $0.count > $1.count : $0.letter < $1.letter }
      kept.removeLast(kept.count - max(0, limit))
    }
    letters = kept.map(\.letter).sorted()
  }

  /// The UTF-8 of a letter.
  static func spelling(of letter: UInt32) -> [UInt8] {
    Unicode.Scalar(letter).map { Array(String(Character($0)).utf8) } ?? []
  }
}
