// SPDX-License-Identifier: Apache-2.0

/// Python's `textwrap.wrap` of one line, whitespace kept as it is.
enum WordWrap {
  static func wrap(
    _ line: Text, width: Int, breaksWords: Bool, breaksHyphens: Bool
  ) throws(JinjaError) -> [Text] {
    guard width > 0 else { throw JinjaError(.value, "invalid width \(width) (must be > 0)") }
    var chunks = Array(chunks(of: line, breaksHyphens).reversed())
    var lines: [Text] = []
    while !chunks.isEmpty {
      var current: [Text] = []
      var length = 0
      if isBlank(chunks[chunks.count - 1]), !lines.isEmpty { chunks.removeLast() }
      while let chunk = chunks.last, length + chunk.scalarCount <= width {
        current.append(chunk)
        length += chunk.scalarCount
        chunks.removeLast()
      }
      if let chunk = chunks.last, chunk.scalarCount > width {
        breakLong(&chunks, &current, length, width, breaksWords, breaksHyphens)
      }
      if let last = current.last, isBlank(last) { current.removeLast() }
      if let first = current.first, let last = current.last {
        let start = Int(first.start)
        lines.append(Text(line.storage, start, Int(last.end)))
      }
    }
    return lines
  }

  private static func breakLong(
    _ chunks: inout [Text], _ current: inout [Text], _ length: Int, _ width: Int,
    _ breaksWords: Bool, _ breaksHyphens: Bool
  ) {
    guard let chunk = chunks.popLast() else { return }
    let space = max(1, width - length)
    if breaksWords {
      var end = space
      let head = chunk.slice(0, chunk.byteOffset(ofScalar: space))
      if breaksHyphens, chunk.scalarCount > space, let hyphen = head.findLast(Text("-")),
        hyphen > 0,
        head.slice(0, hyphen).bytes.contains(where: { $0 != UInt8(ascii: "-") })
      {
        end = head.slice(0, hyphen).scalarCount + 1
      }
      let offset = chunk.byteOffset(ofScalar: end)
      current.append(chunk.slice(0, offset))
      chunks.append(chunk.slice(offset, chunk.byteCount))
    } else if current.isEmpty {
      current.append(chunk)
    } else {
      chunks.append(chunk)
    }
  }

  private static func isBlank(_ text: Text) -> Bool {
    TextMethods.strip(text, nil, left: true, right: false).isEmpty
  }

  /// Words and the whitespace between them.
  ///
  /// Only ASCII whitespace separates.
  private static func chunks(of line: Text, _ breaksHyphens: Bool) -> [Text] {
    var chunks: [Text] = []
    var start = 0
    let bytes = line.array
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
    while start < bytes.count {
      var end = start
      let space = isSpace(bytes[start])
      while end < bytes.count, isSpace(bytes[end]) == space { end += 1 }
      if space || !breaksHyphens {
        chunks.append(line.slice(start, end))
      } else {
        chunks += hyphenated(line.slice(start, end))
      }
      start = end
    }
    return chunks
  }

  /// Cuts `long-word` after its hyphens, and around dashes.
  private static func hyphenated(_ word: Text) -> [Text] {
    var parts: [Text] = []
    let bytes = word.array
    var start = 0
    var index = 0
    func isLetter(_ place: Int) -> Bool {
      guard place >= 0, place < bytes.count else { return false }
      return bytes[place].isASCIILetter || bytes[place] == 0x5F || bytes[place] >= 0x80
    }
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "-") else {
        index += 1
        continue
      }
      var end = index
      while end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
      let isWordBefore =
        index > 0
        && (bytes[index - 1].isASCIIWord || bytes[index - 1] >= 0x80
          || "!\"'&.,?".utf8.contains(bytes[index - 1]))
      if end - index >= 2, isWordBefore, end < bytes.count,
        bytes[end].isASCIIWord || bytes[end] >= 0x80
      {
        parts.append(word.slice(start, index))
        parts.append(word.slice(index, end))
        start = end
      } else if end - index == 1, isLetter(index - 1), isLetter(index - 2), isLetter(end),
        isLetter(end + 1)
      {
        parts.append(word.slice(start, end))
        start = end
      }
      index = end
    }
    parts.append(word.slice(start, bytes.count))
    return parts
  }
}
