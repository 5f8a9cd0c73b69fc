// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Tokenization

/// The content of a SentencePiece `.model`: the fields of `sentencepiece_model.proto` that
/// encoding depends on.
struct SentencePieceModel {
  enum PieceType: Int {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  var pieces = PieceList()
  /// 1 is Unigram, 2 BPE, 3 words, 4 characters; nil where the file does not come to it.
  var modelType: Int?
  var byteFallback = false
  var unknownSurface = Array(" \u{2047} ".utf8)
  var beginID = 1
  var treatsSpaceAsSuffix = false
  var charsmap: [UInt8] = []
  var addsDummyPrefix = true
  var removesExtraSpaces = true
  var escapesSpaces = true

  /// A model without pieces.
  init() {}

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    try unsafe Self.read(bytes, file: file) { buffer throws(TokenizerLoadingError) in
      var reader = unsafe MessageReader(buffer, file: file)
      while let field = try reader.next() {
        switch field.number {
        case 1: try readPiece(try reader.message(field))
        case 2: try readTrainer(try reader.message(field))
        case 3: try readNormalizer(try reader.message(field))
        default: break
        }
      }
    }
  }

  private static func read(
    _ bytes: [UInt8], file: String,
    _ body: (UnsafeRawBufferPointer) throws(TokenizerLoadingError) -> Void
  ) throws(TokenizerLoadingError) {
    // SAFETY: the readers do not leave the body.
    try unsafe bytes.span.withUnsafeBytes { buffer throws(TokenizerLoadingError) in
      try unsafe body(buffer)
    }
  }

  private mutating func readPiece(_ message: MessageReader) throws(TokenizerLoadingError) {
    var reader = message
    var (text, score, type) = ([UInt8](), Float(0), PieceType.normal)
    while let field = try reader.next() {
      switch field.number {
      case 1: text = try reader.bytes(field)
      case 2:
        score = Float(bitPattern: UInt32(truncatingIfNeeded: field.value))
        guard !score.isNaN else { throw reader.error("a score that is no number") }
      case 3:
        guard let named = PieceType(rawValue: Int(truncatingIfNeeded: field.value)) else {
          throw reader.error("a piece of the type \(field.value), which is not known")
        }
        type = named
      default: break
      }
    }
    guard String(validating: text, as: UTF8.self) != nil, !text.isEmpty else {
      throw reader.error("a piece that is empty or not UTF-8")
    }
    pieces.append(text, score: score, type: type)
  }

  private mutating func readTrainer(_ message: MessageReader) throws(TokenizerLoadingError) {
    var reader = message
    modelType = 1
    while let field = try reader.next() {
      switch field.number {
      case 3: modelType = Int(truncatingIfNeeded: field.value)
      case 24: treatsSpaceAsSuffix = field.value != 0
      case 35: byteFallback = field.value != 0
      case 41: beginID = Int(Int32(truncatingIfNeeded: field.value))
      case 44: unknownSurface = try reader.bytes(field)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ message: MessageReader) throws(TokenizerLoadingError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 2: charsmap = try reader.bytes(field)
      case 3: addsDummyPrefix = field.value != 0
      case 4: removesExtraSpaces = field.value != 0
      case 5: escapesSpaces = field.value != 0
      default: break
      }
    }
  }
}

/// Reads the fields of a protocol buffers message (proto2 wire format), never past its end.
@safe
struct MessageReader {
  struct Field {
    var number: Int
    /// The value of a number; the length of bytes.
    var value: UInt64
    /// Where bytes stand; empty for numbers.
    var range: Range<Int>
  }

  private let buffer: UnsafeRawBufferPointer
  private let base: Int
  private let file: String
  private var cursor: ByteCursor

  init(_ buffer: UnsafeRawBufferPointer, base: Int = 0, file: String) {
    unsafe self.buffer = buffer
    self.base = base
    self.file = file
    cursor = unsafe ByteCursor(buffer)
  }

  func error(_ message: String) -> TokenizerLoadingError {
    TokenizerLoadingError(
      .malformed, file: file, place: .byte(base + cursor.offset), message,
      hint: "is the file whole?")
  }

  /// The next field; nil at the end of the message.
  mutating func next() throws(TokenizerLoadingError) -> Field? {
    guard cursor.remaining > 0 else { return nil }
    guard let tag = cursor.varint() else { throw error("a field without end") }
    let number = Int(truncatingIfNeeded: tag >> 3)
    switch tag & 7 {
    case 0:
      guard let value = cursor.varint() else { throw error("a number without end") }
      return Field(number: number, value: value, range: 0..<0)
    case 1:
      guard let value = cursor.integer(UInt64.self) else { throw error("a number cut short") }
      return Field(number: number, value: value, range: 0..<0)
    case 2:
      guard let length = cursor.varint(), length <= UInt64(cursor.remaining),
        let range = cursor.take(Int(length))
      else { throw error("a length that reaches beyond the end") }
      return Field(number: number, value: length, range: range)
    case 5:
      guard let value = cursor.integer(UInt32.self) else { throw error("a number cut short") }
      return Field(number: number, value: UInt64(value), range: 0..<0)
    default: throw error("a field of the wire type \(tag & 7), which is not known")
    }
  }

  /// The bytes of a field.
  func bytes(_ field: Field) throws(TokenizerLoadingError) -> [UInt8] {
    // SAFETY: the range was taken from this buffer.
    unsafe Array(buffer[field.range])
  }

  /// A reader of the message that a field holds.
  func message(_ field: Field) throws(TokenizerLoadingError) -> MessageReader {
    // SAFETY: the range was taken from this buffer, which outlives both readers.
    unsafe MessageReader(
      UnsafeRawBufferPointer(rebasing: buffer[field.range]), base: base + field.range.lowerBound,
      file: file)
  }
}
