// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that cannot be read.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The path as it was given.
  public let path: String
  /// What the system answered (`errno`).
  public let code: Int32

  package init(path: String, code: Int32) {
    self.path = path
    self.code = code
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
    return "cannot be read: \(reason.lowercased())\(hint)"
  }
}
