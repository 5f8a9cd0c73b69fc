// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file in memory, read by the system when its pages are touched.
@safe
public struct MappedFile: ~Copyable, Sendable {
  private let base: UInt
  /// The file's size in bytes.
  public let count: Int
  /// Whether nobody can change the file but the user that runs the program, and the system.
  public let isPrivate: Bool

  /// Maps a file.
  ///
  /// - Throws: ``FileError`` where the file cannot be opened or mapped.
  public init(path: String) throws(FileError) {
    (base, count, isPrivate) = try Self.map(path)
  }

  private static func map(_ path: String) throws(FileError)
    -> (base: UInt, count: Int, isPrivate: Bool)
  {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(path: path, code: errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(path: path, code: EISDIR) }
    let isPrivate =
      (status.st_uid == geteuid() || status.st_uid == 0)
      && status.st_mode & (S_IWGRP | S_IWOTH) == 0
    let count = Int(status.st_size)
    guard count > 0 else { return (0, 0, isPrivate) }
    let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard unsafe address != MAP_FAILED else { throw FileError(path: path, code: errno) }
    return (UInt(bitPattern: address), count, isPrivate)
  }

  deinit {
    // SAFETY: base and count are those that mmap answered; nothing outlives withBytes.
    if base != 0 { unsafe munmap(UnsafeMutableRawPointer(bitPattern: base), count) }
  }

  /// `MADV_POPULATE_READ`, of Linux 5.14 and later.
  private static let populate: Int32 = 22

  /// Brings the pages of a part near together, which takes less than one after the other as they are
  /// touched; a system that cannot does nothing.
  public borrowing func fetch(_ part: Range<Int>) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let start = max(part.lowerBound, 0) / page * page
    let end = min(part.upperBound, count)
    guard start < end else { return }
    // SAFETY: the pages lie in the mapping, which they do not change.
    _ = unsafe madvise(
      UnsafeMutableRawPointer(bitPattern: base + UInt(start)), end - start, Self.populate)
  }

  /// Gives the bytes for the length of the call.
  public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the mapping lives as long as self, which the call borrows.
    let start = unsafe UnsafeRawPointer(bitPattern: base)
    return try unsafe body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
