// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import GGUFFormat

/// The bytes of a file of weights, which are never copied.
///
/// A class, since every tensor of a file keeps the one mapping alive.
final class WeightBytes: Sendable {
  private enum Storage: ~Copyable, Sendable {
    case mapped(MappedFile)
    case container(GGUFFile)
    /// Constants of the program: an address and a count.
    case constant(UInt, Int)
  }

  private let storage: Storage

  init(_ file: consuming MappedFile) {
    storage = .mapped(file)
  }

  init(_ file: consuming GGUFFile) {
    storage = .container(file)
  }

  /// Bytes that live as long as the program.
  init(constant bytes: UnsafeRawBufferPointer) {
    storage = .constant(UInt(bitPattern: bytes.baseAddress), bytes.count)
  }

  /// Gives all bytes for the length of the call.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .mapped(let file):
      return try unsafe file.withBytes { bytes throws(Failure) in try unsafe body(bytes) }
    case .container(let file):
      return try unsafe file.withBytes { bytes throws(Failure) in try unsafe body(bytes) }
    case .constant(let address, let count):
      // SAFETY: the initializer was promised bytes that live as long as the program.
      let start = unsafe UnsafeRawPointer(bitPattern: address)
      return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }
  }
}
