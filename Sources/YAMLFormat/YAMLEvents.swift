// SPDX-License-Identifier: Apache-2.0

import CYAML

/// A piece of a document as libyaml tells it.
struct YAMLEvent {
  enum Kind: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String, YAMLNode.ScalarStyle)
    case sequenceStart, mappingStart
    /// Of a sequence or a mapping.
    case end
    case alias
  }

  let kind: Kind
  let place: YAMLNode.Place
  let isAnchored: Bool
}

/// The events of a text, one after the other, from libyaml's parser.
@safe
final class YAMLEvents {
  private let text: UnsafeMutableBufferPointer<UInt8>
  /// The parser, which knows its own address.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ bytes: [UInt8]) {
    // SAFETY: both are released in deinit, the text after the parser that reads it.
    unsafe text = .allocate(capacity: max(bytes.count, 1))
    _ = unsafe text.initialize(from: bytes)
    unsafe parser = .allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("out of memory")
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The event after the next one, which is known to be of a kind.
  func next(after kind: YAMLEvent.Kind) throws(YAMLError) -> YAMLEvent {
    let first = try next()
    precondition(first.kind == kind)
    return try next()
  }

  func next() throws(YAMLError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&event) }
    let place = unsafe Self.place(event.start_mark)
    // SAFETY: the type tells which of the data is there.
    let (kind, isAnchored): (YAMLEvent.Kind, Bool) =
      switch unsafe event.type {
      case YAML_STREAM_START_EVENT: (.streamStart, false)
      case YAML_DOCUMENT_START_EVENT: (.documentStart, false)
      case YAML_DOCUMENT_END_EVENT: (.documentEnd, false)
      case YAML_SCALAR_EVENT:
        unsafe (Self.scalar(event.data.scalar), event.data.scalar.anchor != nil)
      case YAML_SEQUENCE_START_EVENT:
        unsafe (.sequenceStart, event.data.sequence_start.anchor != nil)
      case YAML_MAPPING_START_EVENT:
        unsafe (.mappingStart, event.data.mapping_start.anchor != nil)
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: (.end, false)
      case YAML_ALIAS_EVENT: (.alias, false)
      default: (.streamEnd, false)
      }
    return YAMLEvent(kind: kind, place: place, isAnchored: isAnchored)
  }

  private static func scalar(_ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar)
    -> YAMLEvent.Kind
  {
    // SAFETY: libyaml gives the value with its length.
    let text = unsafe String(
      decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    return switch unsafe scalar.style {
    case YAML_PLAIN_SCALAR_STYLE: .scalar(text, .plain)
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .scalar(text, .doubleQuoted)
    default: .scalar(text, .other)
    }
  }

  private static func place(_ mark: yaml_mark_t) -> YAMLNode.Place {
    YAMLNode.Place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  /// Why the parser stopped.
  private func problem() -> YAMLError {
    let message = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "no YAML"
    guard unsafe parser.pointee.error == YAML_READER_ERROR else {
      return YAMLError(message: message, place: unsafe Self.place(parser.pointee.problem_mark))
    }
    // A byte that may not stand anywhere is told by its offset.
    var (line, column) = (1, 1)
    for place in 0..<(unsafe min(parser.pointee.problem_offset, text.count)) {
      let byte = unsafe text[place]
      guard byte & 0xC0 != 0x80 else { continue }
      (line, column) = byte == UInt8(ascii: "\n") ? (line + 1, 1) : (line, column + 1)
    }
    return YAMLError(message: message, place: YAMLNode.Place(line: line, column: column))
  }
}
