// SPDX-License-Identifier: Apache-2.0

public import BinaryInput

/// A corpus or a wish that no vocabulary can be made from.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: Sendable {
    /// A file of the corpus cannot be read.
    case unreadable(FileError)
    /// A file is not UTF-8 from this byte on; offsets count from 0.
    case invalidUTF8(file: String, byteOffset: Int)
    /// A special token without text.
    case emptySpecialToken(place: Int)
    /// A size that no vocabulary can have.
    case invalidVocabularySize(Int)
  }

  /// What went wrong.
  public let kind: Kind

  init(_ kind: Kind) {
    self.kind = kind
  }

  /// The place, the reason and what to do.
  public var description: String {
    switch kind {
    case .unreadable(let error): error.description
    case .invalidUTF8(let file, let offset):
      "\(file): byte \(offset): not valid UTF-8; convert the file to UTF-8 or leave it out"
    case .emptySpecialToken(let place):
      "special token \(place + 1): is empty; give it a text"
    case .invalidVocabularySize(let size):
      "vocabulary size '\(size)': must be from 1 to \(UInt32.max)"
    }
  }
}
