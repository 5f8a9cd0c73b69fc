// SPDX-License-Identifier: Apache-2.0

import VocabularyLibrary

/// The vocabularies that are compiled in, trained by Scripts/train-vocabularies.
///
/// Each has the control tokens of all template formats, so that every family can be tried without
/// a model; ids and counts are its own, not those of any model.
public enum BuiltInVocabulary: String, Sendable, CaseIterable {
  /// GPT-2's pattern, every byte a letter: the kind that header-id, role and harmony formats use.
  case byteLevel = "byte-level"
  /// Words that begin with `▁`, with byte fallback: the kind that [INST] formats began with.
  case metaspace

  /// The vocabulary's `tokenizer.json`, UTF-8.
  public var tokenizerJSON: [UInt8] {
    var size = 0
    let start =
      switch self {
      case .byteLevel: unsafe dialect_vocabulary_byte_level(&size)
      case .metaspace: unsafe dialect_vocabulary_metaspace(&size)
      }
    // SAFETY: the bytes are constants of the program, `size` of them.
    return unsafe Array(UnsafeBufferPointer(start: start, count: size))
  }
}
