// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization

/// Reads whole files and streams.
public enum FileReader {
  /// All bytes of a file; `-` is standard input.
  ///
  /// - Throws: ``FileError`` where it cannot be opened or read.
  public static func bytes(path: String) throws(FileError) -> [UInt8] {
    guard path != "-" else { return try bytes(descriptor: STDIN_FILENO, path: "standard input") }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    return try bytes(descriptor: descriptor, path: path)
  }

  /// The first bytes of a file, `count` of them or as many as it has.
  ///
  /// - Throws: ``FileError`` where it cannot be opened or read.
  public static func prefix(path: String, count: Int) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    var failure: Int32?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
      // SAFETY: the system writes at most `count` bytes into a buffer of that size.
      let answer = unsafe pread(descriptor, buffer.baseAddress, count, 0)
      if answer < 0 { failure = errno }
      received = max(0, answer)
    }
    if let failure { throw FileError(path: path, code: failure) }
    return bytes
  }

  /// Whether a path leads to a folder.
  public static func isDirectory(path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a path leads to anything.
  public static func exists(path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  /// The bytes that a file holds; nil where it is none, such as a pipe.
  public static func size(path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The path from the root, without links; nil where it leads to nothing.
  public static func fullPath(of path: String) -> String? {
    // SAFETY: the system's answer is a terminated string that is ours to free.
    guard let answer = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(answer) }
    return unsafe String(cString: answer)
  }

  /// From so many bytes on two threads read: providing the memory costs more than copying does.
  private static let parallelSize = 1 << 20

  /// A file's first `size` bytes, or as many of them as can be read, by two threads.
  private static func halves(descriptor: Int32, size: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let start = UInt(bitPattern: buffer.baseAddress)
      let received = Mutex([0, 0])
      DispatchQueue.concurrentPerform(iterations: 2) { half in
        var place = half * (size / 2)
        let (first, end) = (place, half == 0 ? size / 2 : size)
        while place < end {
          // SAFETY: the system writes between `place` and `end`, which lie in the buffer.
          let target = unsafe UnsafeMutableRawPointer(bitPattern: start + UInt(place))
          let answer = unsafe pread(descriptor, target, end - place, place)
          guard answer > 0 else { break }
          place += answer
        }
        received.withLock { $0[half] = place - first }
      }
      let counts = received.withLock(\.self)
      count = counts[0] == size / 2 ? counts[0] + counts[1] : counts[0]
    }
  }

  private static func bytes(descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
    var status = stat()
    let size = unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    var result: [UInt8] = []
    if size >= parallelSize, status.st_mode & S_IFMT == S_IFREG {
      result = halves(descriptor: descriptor, size: size)
      // What follows, or all of it, is read as from a stream.
      lseek(descriptor, result.count, SEEK_SET)
    }
    var chunk = max(size - result.count + 1, 1 << 16)
    while true {
      var failure: Int32?
      var received = 0
      let part = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        // SAFETY: the system writes at most `chunk` bytes into a buffer of that size.
        let answer = unsafe read(descriptor, buffer.baseAddress, chunk)
        if answer < 0 { failure = errno }
        count = max(0, answer)
        received = count
      }
      if let failure, failure != EINTR { throw FileError(path: path, code: failure) }
      if failure == nil, received == 0 { return result }
      if result.isEmpty { result = part } else { result += part }
      chunk = 1 << 16
    }
  }
}
