// SPDX-License-Identifier: Apache-2.0

/// SentencePiece's replacement table: a double array over keys of bytes, and the texts they become.
///
/// The layout is that of darts-clone: a little-endian length, the array's units of 32 bits, then
/// texts that end in a zero byte.
public struct PrecompiledCharsmap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// Reads a `precompiled_charsmap`.
  ///
  /// - Throws: ``PrecompiledCharsmapError`` where it is cut short or its texts are not UTF-8.
  public init(_ blob: [UInt8]) throws(PrecompiledCharsmapError) {
    guard blob.count >= 4 else { throw .truncated(needed: 4, found: blob.count) }
    func word(_ offset: Int) -> UInt32 {
      UInt32(blob[offset]) | UInt32(blob[offset + 1]) << 8 | UInt32(blob[offset + 2]) << 16
        | UInt32(blob[offset + 3]) << 24
    }
    let size = Int(word(0)) & ~3
    guard blob.count >= 4 + size, size > 0 else {
      throw .truncated(needed: 4 + max(size, 4), found: blob.count)
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    texts = Array(blob[(4 + size)...])
    guard String(validating: texts, as: UTF8.self) != nil else { throw .invalidUTF8 }
  }

  /// The table as a `precompiled_charsmap` holds it.
  public var blob: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(4 + units.count * 4 + texts.count)
    for word in [UInt32(units.count * 4)] + units {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        output.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return output + texts
  }

  /// The replacement of the shortest key that starts at an offset and ends before another, which
  /// is what Hugging Face's reader takes.
  func shortestMatch(in bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
    var found: [UInt8]?
    search(bytes, range) { value, _ in
      found = text(at: value)
      return false
    }
    return found
  }

  /// The replacement of the longest key that starts at an offset, and the key's length in bytes,
  /// which is what SentencePiece takes.
  public func longestMatch(in bytes: [UInt8], at offset: Int) -> (text: [UInt8], length: Int)? {
    var found: (value: Int, length: Int)?
    search(bytes, offset..<bytes.count) { value, length in
      found = (value, length)
      return true
    }
    guard let found, let text = text(at: found.value) else { return nil }
    return (text, found.length)
  }

  /// A key and what it becomes.
  public struct Rule: Hashable, Sendable {
    /// The key, UTF-8.
    public var key: [UInt8]
    /// What it becomes; empty where it vanishes.
    public var text: [UInt8]
  }

  /// All rules in no order; nil where there are more than `limit`, or the table is damaged.
  public func rules(limit: Int) -> [Rule]? {
    var rules: [Rule] = []
    var nodes: [(node: Int, key: [UInt8])] = [(Self.offset(units[0]), [])]
    var visited = 0
    while let (node, key) = nodes.popLast() {
      visited += 1
      guard visited <= units.count else { return nil }
      for byte in UInt8(1)...255 {
        let child = node ^ Int(byte)
        guard child < units.count, units[child] & 0x8000_00FF == UInt32(byte) else { continue }
        let next = child ^ Self.offset(units[child])
        guard next < units.count else { return nil }
        if units[child] >> 8 & 1 == 1 {
          guard rules.count < limit, let text = text(at: Int(units[next] & 0x7FFF_FFFF)) else {
            return nil
          }
          rules.append(Rule(key: key + [byte], text: text))
        }
        nodes.append((next, key + [byte]))
      }
    }
    return rules
  }

  private func text(at start: Int) -> [UInt8]? {
    guard start < texts.count else { return nil }
    return Array(texts[start...].prefix { $0 != 0 })
  }

  /// Visits the keys that are prefixes, shortest first, until the closure says no.
  private func search(
    _ bytes: [UInt8], _ range: Range<Int>, _ visit: (_ value: Int, _ length: Int) -> Bool
  ) {
    var node = Self.offset(units[0])
    for index in range {
      let byte = bytes[index]
      if byte == 0 { return }
      node ^= Int(byte)
      guard node < units.count else { return }
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return }
      node ^= Self.offset(unit)
      guard node < units.count else { return }
      let hasValue = unit >> 8 & 1 == 1
      if hasValue, !visit(Int(units[node] & 0x7FFF_FFFF), index - range.lowerBound + 1) { return }
    }
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
  }
}

/// A `precompiled_charsmap` that cannot be read.
public enum PrecompiledCharsmapError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It has fewer bytes than it says.
  case truncated(needed: Int, found: Int)
  /// Its texts are not UTF-8.
  case invalidUTF8

  /// What is wrong.
  public var description: String {
    switch self {
    case .truncated(let needed, let found):
      "the charsmap needs at least \(needed) bytes and has \(found); is it whole?"
    case .invalidUTF8: "the charsmap's texts are not UTF-8"
    }
  }
}
