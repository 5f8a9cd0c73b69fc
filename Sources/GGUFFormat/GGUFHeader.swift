// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import TextPrimitives

/// What stands before the tensor data: metadata and the tensors' places, all checked against the
/// file's size.
///
/// Versions 2 and 3, little-endian. Source: the GGUF specification in ggml-org/ggml, docs/gguf.md.
public struct GGUFHeader: Sendable {
  /// 2 or 3.
  public let version: UInt32
  /// Keys in the file's order.
  public let metadata: GGUFMetadata
  /// In the file's order.
  public let tensors: [GGUFTensor]
  /// Tensor data begins at a multiple of it.
  public let alignment: Int

  /// Reads the header of a file whose bytes are given.
  ///
  /// No count of the file is trusted: memory grows with what is really there.
  ///
  /// - Throws: ``GGUFError`` with the byte offset.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(GGUFError) {
    var reader = unsafe GGUFReader(bytes)
    let (version, tensorCount, metadataCount) = try reader.readPreamble()
    self.version = version
    metadata = try reader.readMetadata(count: metadataCount)
    alignment = try Self.alignment(in: metadata)
    tensors = try reader.readTensors(count: tensorCount, alignment: alignment)
  }

  private static func alignment(in metadata: GGUFMetadata) throws(GGUFError) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard case .unsigned(let alignment) = value, (8...1 << 31).contains(alignment),
      alignment & (alignment - 1) == 0
    else { throw GGUFError(.invalidAlignment, entry: "general.alignment") }
    return Int(alignment)
  }

  /// The tensor of a name.
  ///
  /// - Complexity: O(number of tensors).
  public func tensor(named name: String) -> GGUFTensor? {
    let wanted = ExactString(name)
    return tensors.first { $0.name == wanted }
  }
}

/// A GGUF file in memory: its header, and access to its bytes.
public struct GGUFFile: ~Copyable, Sendable {
  private let file: MappedFile
  /// Metadata and tensor places.
  public let header: GGUFHeader

  /// Maps a file and reads its header.
  ///
  /// - Throws: ``GGUFError`` with the path and the byte offset.
  public init(path: String) throws(GGUFError) {
    let mapped = try Self.map(path)
    header = try Self.header(of: mapped, path)
    file = mapped
  }

  private static func map(_ path: String) throws(GGUFError) -> MappedFile {
    do {
      return try MappedFile(path: path)
    } catch {
      throw GGUFError(.unreadable(reason: "\(error)"))
    }
  }

  private static func header(of file: borrowing MappedFile, _ path: String) throws(GGUFError)
    -> GGUFHeader
  {
    do throws(GGUFError) {
      return try unsafe file.withBytes { bytes throws(GGUFError) in
        try unsafe GGUFHeader(parsing: bytes)
      }
    } catch {
      var located = error
      located.path = path
      throw located
    }
  }

  /// Gives the whole file's bytes for the length of the call.
  public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe file.withBytes { bytes throws(Failure) in try unsafe body(bytes) }
  }
}
