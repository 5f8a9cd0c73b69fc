// SPDX-License-Identifier: Apache-2.0

import BinaryInput
public import OrderedJSON
import Glibc

/// The corpus of real vocabularies and templates, which is no part of the project.
///
/// Tests that need it are skipped by name where it is absent:
/// ```swift
/// @Test(.enabled(if: Conformance.isPresent, "needs the conformance corpus"))
/// ```
public enum Conformance {
  /// The folder named by `DIALECT_CONFORMANCE`, else `../shared/conformance` beside the package.
  public static let root: String = {
    // SAFETY: the variable is copied before anything else may change the environment.
    if let path = unsafe getenv("DIALECT_CONFORMANCE") { return unsafe String(cString: path) }
    return Fixtures.packageRoot + "/../shared/conformance"
  }()

  /// The family that `DIALECT_FAMILY` names, for those who test one alone.
  public static let chosenFamily: String? = {
    // SAFETY: the variable is copied before anything else may change the environment.
    unsafe getenv("DIALECT_FAMILY").map { unsafe String(cString: $0) }
  }()

  /// Whether the corpus is there.
  public static let isPresent = FileReader.isDirectory(path: root)

  /// Whether one of its files or folders is there.
  public static func has(_ path: String) -> Bool {
    FileReader.exists(path: root + "/" + path)
  }

  /// A file's bytes.
  public static func bytes(_ path: String) throws -> [UInt8] {
    try FileReader.bytes(path: root + "/" + path)
  }

  /// A file's JSON.
  public static func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(path))
  }

  /// The values of a JSON Lines file.
  public static func lines(_ path: String) throws -> [JSONValue] {
    try Fixtures.parseLines(bytes(path))
  }
}

/// The project's own fixtures, read where they lie in the source tree.
public enum Fixtures {
  /// A file that is not what a test expects it to be.
  public struct Malformed: Error {
    /// The file, from the root of its collection.
    public let path: String

    /// Names the file.
    public init(path: String) {
      self.path = path
    }
  }

  /// The folder that holds Package.swift.
  public static let packageRoot: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// The bytes of a file under `Tests/Fixtures`.
  public static func bytes(_ path: String) throws -> [UInt8] {
    try FileReader.bytes(path: "\(packageRoot)/Tests/Fixtures/\(path)")
  }

  /// The JSON of a file under `Tests/Fixtures`.
  public static func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(path))
  }

  /// The values of a JSON Lines file under `Tests/Fixtures`.
  public static func lines(_ path: String) throws -> [JSONValue] {
    try parseLines(bytes(path))
  }

  static func parseLines(_ bytes: [UInt8]) throws -> [JSONValue] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
  }
}
