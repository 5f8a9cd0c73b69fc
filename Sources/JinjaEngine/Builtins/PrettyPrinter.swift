// SPDX-License-Identifier: Apache-2.0

/// Python's `pprint.pformat` with its default width of 80.
enum PrettyPrinter {
  static func format(_ value: Value) throws(JinjaError) -> Text {
    var output = ""
    try write(value, indent: 0, allowance: 0, level: 0, to: &output)
    return Text(
      output, origin: value.origin.isInput ? value.origin : try PythonText.repr(value).origin)
  }

  /// The value on one line, with sorted keys.
  private static func line(_ value: Value, _ level: Int) throws(JinjaError) -> String {
    guard level < Value.walkLimit else { throw Value.tooDeep("print") }
    var parts: [String] = []
    switch value {
    case .dict(let box):
      for place in try order(box) {
        parts.append(
          "\(try line(box.key(at: place), level + 1)): \(try line(box.value(at: place), level + 1))"
        )
      }
      return "{\(parts.joined(separator: ", "))}"
    case .list(let box):
      for item in box.items { parts.append(try line(item, level + 1)) }
      return "[\(parts.joined(separator: ", "))]"
    case .tuple(let box):
      for item in box.items { parts.append(try line(item, level + 1)) }
      return "(\(parts.joined(separator: ", "))\(parts.count == 1 ? "," : ""))"
    default: return try PythonText.repr(value).string
    }
  }

  private static func order(_ box: DictBox) throws(JinjaError) -> [Int] {
    try MergeSort.sorted(Array(0..<box.count)) { left, right throws(JinjaError) in
      let leftKey = box.key(at: left)
      let rightKey = box.key(at: right)
      // Keys without an order are sorted by the names of their types.
      if let isBefore = try? leftKey.isOrdered(.less, before: rightKey) { return isBefore }
      return Text(leftKey.typeName).compare(Text(rightKey.typeName)) < 0
    }
  }

  private static func write(
    _ value: Value, indent: Int, allowance: Int, level: Int, to output: inout String
  ) throws(JinjaError) {
    let flat = try line(value, level)
    let space = 80 - indent - allowance
    if flat.unicodeScalars.count <= space {
      output += flat
      return
    }
    switch value {
    case .dict(let box) where box.count > 0:
      output += "{"
      let places = try order(box)
      for (index, place) in places.enumerated() {
        let key = try line(box.key(at: place), level + 1)
        let isLast = index == places.count - 1
        output += "\(key): "
        try write(
          box.value(at: place), indent: indent + 1 + key.unicodeScalars.count + 2,
          allowance: isLast ? allowance + 1 : 1, level: level + 1, to: &output)
        if !isLast { output += ",\n" + String(repeating: " ", count: indent + 1) }
      }
      output += "}"
    case .list(let box) where box.count > 0:
      try writeItems(box, "[", "]", indent, allowance, level, &output)
    case .tuple(let box) where box.count > 0:
      try writeItems(box, "(", box.count == 1 ? ",)" : ")", indent, allowance, level, &output)
    case .string(let text): try writeText(text, indent, allowance, level, flat, &output)
    default: output += flat
    }
  }

  private static func writeItems(
    _ box: ListBox, _ start: String, _ end: String, _ indent: Int, _ allowance: Int, _ level: Int,
    _ output: inout String
  ) throws(JinjaError) {
    output += start
    for (index, item) in box.items.enumerated() {
      let isLast = index == box.count - 1
      try write(
        item, indent: indent + 1, allowance: isLast ? allowance + end.utf8.count : 1,
        level: level + 1, to: &output)
      if !isLast { output += ",\n" + String(repeating: " ", count: indent + 1) }
    }
    output += end
  }

  /// A long string is cut into literals of one line each, at words.
  private static func writeText(
    _ text: Text, _ indent: Int, _ allowance: Int, _ level: Int, _ flat: String,
    _ output: inout String
  ) throws(JinjaError) {
    let isTop = level == 0
    let indent = isTop ? indent + 1 : indent
    let allowance = isTop ? allowance + 1 : allowance
    var chunks: [String] = []
    let lines = TextMethods.splitLines(text, keepingEnds: true)
    for (index, line) in lines.enumerated() {
      let isLastLine = index == lines.count - 1
      let width = 80 - indent - (isLastLine ? allowance : 0)
      let whole = try PythonText.repr(.string(line)).string
      if whole.unicodeScalars.count <= width {
        chunks.append(whole)
        continue
      }
      let words = words(line)
      var current = Text.empty
      for (place, word) in words.enumerated() {
        let candidate = Text(current.array + word.array)
        let isLast = isLastLine && place == words.count - 1
        let limit = 80 - indent - (isLast ? allowance : 0)
        if try PythonText.repr(.string(candidate)).scalarCount > limit {
          if !current.isEmpty { chunks.append(try PythonText.repr(.string(current)).string) }
          current = word
        } else {
          current = candidate
        }
      }
      if !current.isEmpty { chunks.append(try PythonText.repr(.string(current)).string) }
    }
    guard chunks.count > 1 else {
      output += flat
      return
    }
    output += isTop ? "(" : ""
    output += chunks.joined(separator: "\n" + String(repeating: " ", count: indent))
    output += isTop ? ")" : ""
  }

  /// Runs of non-blanks with the blanks after them.
  private static func words(_ line: Text) -> [Text] {
    var words: [Text] = []
    let bytes = line.array
    var start = 0
    var index = 0
    while index < bytes.count {
      while index < bytes.count, !PythonWhitespace.contains(bytes[index]) { index += 1 }
      while index < bytes.count, PythonWhitespace.contains(bytes[index]) { index += 1 }
      words.append(line.slice(start, index))
      start = index
    }
    return words
  }
}
