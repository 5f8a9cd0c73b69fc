// SPDX-License-Identifier: Apache-2.0

/// Markup back to text.
enum HTMLText {
  /// The entities that templates meet; the full list of HTML has 2,231.
  private static let entities: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
    "copy": "\u{A9}", "reg": "\u{AE}", "trade": "\u{2122}", "hellip": "\u{2026}",
    "mdash": "\u{2014}", "ndash": "\u{2013}", "lsquo": "\u{2018}", "rsquo": "\u{2019}",
    "ldquo": "\u{201C}", "rdquo": "\u{201D}", "laquo": "\u{AB}", "raquo": "\u{BB}",
    "euro": "\u{20AC}", "pound": "\u{A3}", "yen": "\u{A5}", "cent": "\u{A2}", "sect": "\u{A7}",
    "para": "\u{B6}", "middot": "\u{B7}", "bull": "\u{2022}", "deg": "\u{B0}",
    "plusmn": "\u{B1}", "times": "\u{D7}", "divide": "\u{F7}", "larr": "\u{2190}",
    "uarr": "\u{2191}", "rarr": "\u{2192}", "darr": "\u{2193}",
  ]

  static func unescape(_ text: Text) -> Text {
    guard text.bytes.contains(UInt8(ascii: "&")) else { return text }
    var builder = TextBuilder()
    let bytes = text.array
    var plain = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "&"), let (value, end) = entity(bytes, index + 1) else {
        index += 1
        continue
      }
      builder.append(text.slice(plain, index))
      builder.append(value.utf8, origin: text.slice(index, end).origin)
      index = end
      plain = end
    }
    builder.append(text.slice(plain, bytes.count))
    return builder.text
  }

  private static func entity(_ bytes: [UInt8], _ start: Int) -> (String, Int)? {
    var end = start
    while end < bytes.count, end - start < 32, bytes[end].isAlphanumeric || bytes[end] == 0x23 {
      end += 1
    }
    let name = String(decoding: bytes[start..<end], as: UTF8.self)
    let isClosed = end < bytes.count && bytes[end] == UInt8(ascii: ";")
    if name.hasPrefix("#") {
      let isHexadecimal = name.lowercased().hasPrefix("#x")
      let digits = name.dropFirst(isHexadecimal ? 2 : 1)
      guard let code = UInt32(digits, radix: isHexadecimal ? 16 : 10) else { return nil }
      let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
      return (String(code == 0 ? "\u{FFFD}" : scalar), isClosed ? end + 1 : end)
    }
    if isClosed, let value = entities[name] { return (value, end + 1) }
    for prefix in ["amp", "lt", "gt", "quot", "nbsp", "copy", "reg"] where name.hasPrefix(prefix) {
      return entities[prefix].map { ($0, start + prefix.utf8.count) }
    }
    return nil
  }

  /// Removes tags and comments, joins whitespace, resolves entities.
  static func stripTags(_ text: Text) -> Text {
    var builder = TextBuilder()
    var place = 0
    while let start = text.find(Text("<"), from: place) {
      let end: Int?
      if text.slice(start, text.byteCount).hasPrefix(Text("<!--")) {
        end = text.find(Text("-->"), from: start + 4).map { $0 + 3 }
      } else {
        end = text.find(Text(">"), from: start).map { $0 + 1 }
      }
      guard let end else { break }
      builder.append(text.slice(place, start))
      place = end
    }
    builder.append(text.slice(place, text.byteCount))
    var joined = TextBuilder()
    for (index, word) in TextMethods.splitAtWhitespace(builder.text).enumerated() {
      if index > 0 { joined.append(" ".utf8, origin: .none) }
      joined.append(word)
    }
    return unescape(joined.text)
  }
}

/// The filter `urlize`.
enum URLLinks {
  static func link(_ text: String, limit: Int, relations: [String], target: String?) -> String {
    let attributes =
      (relations.isEmpty ? "" : " rel=\"\(relations.joined(separator: " "))\"")
      + (target.map { " target=\"\(Escaping.escape(Text($0)).string)\"" } ?? "")
    var output = ""
    var word = ""
    for scalar in text.unicodeScalars {
      if PythonWhitespace.contains(scalar.value) {
        output += linked(word, limit, attributes)
        word = ""
        output.unicodeScalars.append(scalar)
      } else {
        word.unicodeScalars.append(scalar)
      }
    }
    return output + linked(word, limit, attributes)
  }

  private static func linked(_ word: String, _ limit: Int, _ attributes: String) -> String {
    var head = ""
    var middle = word
    var tail = ""
    for opening in ["(", "<", "&lt;"] {
      while middle.hasPrefix(opening) {
        head += opening
        middle.removeFirst(opening.count)
      }
    }
    var isTrimmed = true
    while isTrimmed {
      isTrimmed = false
      for closing in [")", ">", ".", ",", "\n", "&gt;"] where middle.hasSuffix(closing) {
        tail = closing + tail
        middle.removeLast(closing.count)
        isTrimmed = true
      }
    }
    for (opening, closing) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
      let count = middle.components(of: opening)
      guard count > middle.components(of: closing) else { continue }
      for _ in 0..<min(count, tail.components(of: closing)) {
        guard let range = tail.firstRange(of: closing) else { break }
        middle += tail[..<range.upperBound]
        tail = String(tail[range.upperBound...])
      }
    }
    func shortened(_ text: String) -> String {
      limit >= 0 && text.unicodeScalars.count > limit
        ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "..." : text
    }
    if isURL(middle) {
      let hasScheme = middle.hasPrefix("https://") || middle.hasPrefix("http://")
      middle =
        "<a href=\"\(hasScheme ? "" : "https://")\(middle)\"\(attributes)>\(shortened(middle))</a>"
    } else if middle.hasPrefix("mailto:"), isMail(String(middle.dropFirst(7))) {
      middle = "<a href=\"\(middle)\">\(middle.dropFirst(7))</a>"
    } else if middle.contains("@"), !middle.hasPrefix("www."), !middle.contains(":"),
      !middle.hasPrefix("@"), isMail(middle)
    {
      middle = "<a href=\"mailto:\(middle)\">\(middle)</a>"
    }
    return head + middle + tail
  }

  private static func isURL(_ word: String) -> Bool {
    var rest = Substring(word)
    var hasScheme = false
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      hasScheme = true
    }
    let host = rest.prefix { !"/?#".contains($0) }
    let name = host.prefix { $0 != ":" }
    if hasScheme, name == "localhost" { return true }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }),
      name.unicodeScalars.allSatisfy({
        PythonUnicode.isAlphanumeric($0) || "-._%".unicodeScalars.contains($0)
      })
    else { return false }
    if hasScheme || name.hasPrefix("www.") { return true }
    return ["com", "net", "int", "edu", "gov", "org", "info", "mil"].contains(labels.last ?? "")
  }

  private static func isMail(_ word: String) -> Bool {
    let parts = word.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return false }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
      && parts[1].unicodeScalars.allSatisfy {
        PythonUnicode.isAlphanumeric($0) || "-._".unicodeScalars.contains($0)
      }
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
