// SPDX-License-Identifier: Apache-2.0

public import TextPrimitives

/// A fixture file that cannot be used, or written: which file, where in it, why, and what to do.
public struct FixtureError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// The system does not give the file, or does not take it.
    case unusable
    /// The text is neither YAML nor JSON, or not what a fixture may hold.
    case damaged
    /// A key that fixtures do not have.
    case unknownKey
    /// Written by a newer version.
    case newerVersion
    /// What the fixture names cannot be loaded.
    case input
  }

  /// What is wrong.
  public let kind: Kind
  /// The file as the caller named it.
  public let file: String
  /// What is wrong, in words, without the place.
  public let message: String
  /// Line and column, and the line itself.
  public let location: SourceExcerpt?

  init(_ kind: Kind, file: String, _ message: String, location: SourceExcerpt? = nil) {
    self.kind = kind
    self.file = file
    self.message = message
    self.location = location
  }

  /// A file that cannot be written.
  package init(unwritable file: String, _ message: String) {
    self.init(.unusable, file: file, message)
  }

  /// `file:line:column: what is wrong; what to do`, with the line where it is known.
  public var description: String { location?.description ?? "\(file): \(message)" }
}
