// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What tells one state of a file from another, without reading it.
public struct FileIdentity: Hashable, Sendable {
  /// In bytes.
  public let size: Int
  /// When the content changed last, in nanoseconds since 1970.
  public let modified: Int
  /// When anything about the file changed last, in nanoseconds since 1970.
  public let changed: Int
  /// The file's number on its device.
  public let inode: UInt64
  /// The device.
  public let device: UInt64

  /// The identity of what a path leads to; nil where that is nothing.
  public init?(path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    size = Int(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
  }

  /// Whether the file has been as it is for so many nanoseconds, so that a change that the clock of
  /// the file system is too coarse to tell cannot have followed.
  public func isSettled(for nanoseconds: Int) -> Bool {
    var now = timespec()
    guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
    return Self.nanoseconds(now) - max(modified, changed) >= nanoseconds
  }

  private static func nanoseconds(_ time: timespec) -> Int {
    Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}
