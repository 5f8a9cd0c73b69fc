// SPDX-License-Identifier: Apache-2.0

/// A GGUF file that cannot be used, and where it stops being one.
public struct GGUFError: Error, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// The system's reason.
    case unreadable(reason: String)
    case notGGUF
    case bigEndian
    case unsupportedVersion(UInt32)
    case truncated(what: String, needed: UInt64, present: Int)
    case implausibleCount(what: String, count: UInt64, present: Int)
    case unknownValueType(UInt32)
    case invalidBool(UInt8)
    case nestingTooDeep(limit: Int)
    case invalidUTF8(what: String)
    case keyTooLong(length: UInt64, limit: UInt64)
    case duplicateKey(String)
    case invalidAlignment
    case duplicateTensor(String)
    case tooManyDimensions(UInt32)
    case sizeOverflow
    case unknownTensorType(UInt32)
    case misalignedOffset(UInt64, alignment: Int)
    case rowNotWholeBlocks(row: UInt64, block: Int)
    case tensorOutsideFile(end: UInt64, size: Int)
  }

  /// What is wrong.
  public let kind: Kind
  /// 0-based; nil where no byte is to blame.
  public let byteOffset: Int?
  /// The metadata key or tensor that is spoken of.
  public let entry: String?
  /// The file, as the caller named it.
  public var path: String?

  package init(
    _ kind: Kind, at byteOffset: Int? = nil, entry: String? = nil, path: String? = nil
  ) {
    self.kind = kind
    self.byteOffset = byteOffset
    self.entry = entry
    self.path = path
  }
}

extension GGUFError: CustomStringConvertible {
  /// What is wrong and what to do, without the place.
  public var message: String {
    switch kind {
    case .unreadable(let reason): reason
    case .notGGUF: "no GGUF file: it does not begin with 'GGUF'"
    case .bigEndian: "a big-endian GGUF file, which is not supported; convert it to little-endian"
    case .unsupportedVersion(let version):
      "GGUF version \(version) is not supported; versions 2 and 3 are"
    case .truncated(let what, let needed, let present):
      "\(what) needs \(needed) bytes where \(present) are left; is the file whole?"
    case .implausibleCount(let what, let count, let present):
      "\(count) \(what) cannot be held by the \(present) bytes that are left; is the file whole?"
    case .unknownValueType(let type): "metadata value type \(type) is not known; types 0 to 12 are"
    case .invalidBool(let byte): "a boolean is \(byte); it must be 0 or 1"
    case .nestingTooDeep(let limit): "arrays nested deeper than \(limit) levels"
    case .invalidUTF8(let what): "\(what) is not UTF-8"
    case .keyTooLong(let length, let limit):
      "a metadata key of \(length) bytes; the format allows \(limit)"
    case .duplicateKey(let key): "metadata key '\(key)' appears twice"
    case .invalidAlignment: "general.alignment must be a 32-bit power of two of at least 8"
    case .duplicateTensor(let name): "tensor '\(name)' appears twice"
    case .tooManyDimensions(let count): "\(count) dimensions; a tensor has at most 4"
    case .sizeOverflow: "the dimensions multiply beyond 64 bits"
    case .unknownTensorType(let type): "tensor type \(type) is not known"
    case .misalignedOffset(let offset, let alignment):
      "data offset \(offset) is no multiple of the alignment \(alignment)"
    case .rowNotWholeBlocks(let row, let block):
      "rows of \(row) elements are no whole blocks of \(block)"
    case .tensorOutsideFile(let end, let size):
      "data ends at byte \(end) of a file of \(size) bytes; is the file whole?"
    }
  }

  /// `path: byte offset: entry: what is wrong`.
  public var description: String {
    let place = byteOffset.map { "byte \($0)" }
    return [path, place, entry.map { "'\($0)'" }, message].compactMap(\.self)
      .joined(separator: ": ")
  }
}
