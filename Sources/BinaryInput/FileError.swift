// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that cannot be read or written.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The path as it was given.
  public let path: String
  /// What the system answered (`errno`).
  public let code: Int32
  /// Whether it was to be written.
  public let isWriting: Bool

  package init(path: String, code: Int32, isWriting: Bool = false) {
    self.path = path
    self.code = code
    self.isWriting = isWriting
  }

  /// The path and the system's reason.
  public var description: String { "\(path): \(message)" }

  /// The system's reason and what to do, without the path.
  public var message: String {
    // SAFETY: strerror gives a terminated string that is copied at once.
    let reason = unsafe String(cString: strerror(code))
    let hint =
      switch code {
      case ENOENT: "; check the path"
      case EACCES: "; check the file's permissions"
      case EISDIR: "; name a file inside it"
      default: ""
      }
    return "cannot be \(isWriting ? "written" : "read"): \(reason.lowercased())\(hint)"
  }
}
