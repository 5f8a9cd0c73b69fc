// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard output and standard error, byte for byte.
enum Console {
  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  /// Whether standard error is a terminal.
  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes to standard output.
  static func write(_ text: String) {
    write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Writes bytes to standard output.
  static func write(_ bytes: [UInt8]) {
    write(bytes, to: STDOUT_FILENO)
  }

  /// Writes a result that is text: a terminal gets a line break after it, a pipe does not.
  static func writeResult(_ text: String) {
    write(text)
    if isTerminal, text.utf8.last != UInt8(ascii: "\n") { write("\n") }
  }

  /// Writes a message for the user to standard error.
  static func complain(_ message: String) {
    write(Array("\(message)\n".utf8), to: STDERR_FILENO)
  }

  /// Shows a line on standard error in the place of the one before.
  static func progress(_ line: String) {
    write(Array("\r\u{1B}[K\(line)".utf8), to: STDERR_FILENO)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        // SAFETY: the buffer holds the bytes from `done` on.
        let written = unsafe Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        if written < 0 {
          guard errno == EINTR else { return exitOnBrokenOutput() }
        } else {
          done += written
        }
      }
    }
  }

  /// A reader that went away ends the tool quietly, as it ends other tools.
  private static func exitOnBrokenOutput() {
    exit(errno == EPIPE ? 0 : ToolError.Status.input.rawValue)
  }
}
