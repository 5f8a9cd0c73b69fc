// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Writes files whole: beside the target first, then in its place.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String) throws {
    let draft = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        // SAFETY: `done` is below the count.
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      guard written >= 0 || errno == EINTR else {
        close(descriptor)
        unsafe unlink(draft)
        throw failure(path)
      }
      done += max(0, written)
    }
    guard close(descriptor) == 0, unsafe rename(draft, path) == 0 else {
      unsafe unlink(draft)
      throw failure(path)
    }
  }

  private static func failure(_ path: String) -> ToolError {
    // SAFETY: strerror gives a terminated string that is copied at once.
    let reason = unsafe String(cString: strerror(errno))
    return ToolError(.loading, "\(path): cannot be written: \(reason.lowercased())")
  }
}
