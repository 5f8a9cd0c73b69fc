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
  /// - Parameters:
  ///   - path: The file.
  ///   - isReadWhole: Whether all of it will be read at once, so that its pages had better come
  ///     together.
  /// - Throws: ``FileError`` where the file cannot be opened or mapped.
  public init(path: String, isReadWhole: Bool = false) throws(FileError) {
    (base, count, isPrivate) = try Self.map(
      path, isReadWhole ? MAP_PRIVATE | MAP_POPULATE : MAP_PRIVATE)
  }

  private static func map(_ path: String, _ flags: Int32) throws(FileError)
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
    let address = unsafe mmap(nil, count, PROT_READ, flags, descriptor, 0)
    guard unsafe address != MAP_FAILED else { throw FileError(path: path, code: errno) }
    return (UInt(bitPattern: address), count, isPrivate)
  }

  deinit {
    // SAFETY: base and count are those that mmap answered; nothing outlives withBytes.
    if base != 0 { unsafe munmap(UnsafeMutableRawPointer(bitPattern: base), count) }
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
