// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Writes files whole: beside the target first, then in its place.
public enum FileWriter {
  /// Puts bytes in the place of a file, or makes it; no reader ever sees half of them.
  ///
  /// - Throws: ``FileError`` where the folder does not allow it; the old file is untouched then.
  public static func replace(path: String, with bytes: [UInt8]) throws(FileError) {
    let draft = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno, isWriting: true) }
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        // SAFETY: `done` is below the count.
        unsafe write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      guard written >= 0 || errno == EINTR else {
        let code = errno
        close(descriptor)
        throw giveUp(draft, path, code)
      }
      done += max(0, written)
    }
    guard close(descriptor) == 0, unsafe rename(draft, path) == 0 else {
      throw giveUp(draft, path, errno)
    }
  }

  /// Makes the folder that a file is to stand in, with those above it.
  ///
  /// - Throws: ``FileError`` where one of them cannot be made.
  public static func makeFolder(ofFile path: String) throws(FileError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
      return
    }
    let folder = String(path[..<slash])
    guard !FileReader.exists(path: folder) else { return }
    try makeFolder(ofFile: folder)
    guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw FileError(path: folder, code: errno, isWriting: true)
    }
  }

  private static func giveUp(_ draft: String, _ path: String, _ code: Int32) -> FileError {
    unsafe unlink(draft)
    return FileError(path: path, code: code, isWriting: true)
  }
}
