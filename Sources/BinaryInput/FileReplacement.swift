// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Puts whole files in the place of others.
public enum FileReplacement {
  /// Writes a file beside the target, brings it to the disk, and renames it.
  ///
  /// Readers see the old file or the new one, whenever the machine stops; of several writers the
  /// last wins.
  ///
  /// - Throws: ``FileError`` where that fails; nothing is left behind then.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let draft = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    var failure = write(bytes, to: descriptor)
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, unsafe rename(draft, path) != 0 { failure = errno }
    guard failure == 0 else {
      unsafe unlink(draft)
      throw FileError(path: path, code: failure)
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        // SAFETY: `done` is below the count.
        let written = unsafe Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        guard written >= 0 || errno == EINTR else { return errno }
        done += max(0, written)
      }
      return 0
    }
  }

  /// Makes a folder and those above it, for the owner alone; false where that fails.
  public static func makeFolder(path: String) -> Bool {
    if FileReader.isDirectory(path: path) { return true }
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return unsafe mkdir(path, 0o700) == 0
    }
    if slash != path.startIndex, !makeFolder(path: String(path[..<slash])) { return false }
    return unsafe mkdir(path, 0o700) == 0 || errno == EEXIST
  }
}
