// SPDX-License-Identifier: Apache-2.0

/// Watches a text for strings that end it, and holds back what may be the start of one.
struct StopText: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []
  /// Whether one of the strings was found.
  private(set) var isFound = false

  init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }
  }

  /// Takes more text and gives what is certain to come before any of the strings.
  mutating func append(_ text: String) -> String {
    guard !isFound else { return "" }
    held += Array(text.utf8)
    if let end = firstStop() {
      isFound = true
      defer { held = [] }
      return String(decoding: held[..<end], as: UTF8.self)
    }
    let certain = held.count - heldBack()
    defer { held.removeFirst(certain) }
    return String(decoding: held[..<certain], as: UTF8.self)
  }

  /// What was held back, since nothing follows.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  /// Where the first of the strings begins.
  private func firstStop() -> Int? {
    held.indices.first { place in stops.contains { held[place...].starts(with: $0) } }
  }

  /// The bytes at the end that may begin one of the strings, and all of their scalars.
  private func heldBack() -> Int {
    let longest = stops.map(\.count).max() ?? 0
    for length in stride(from: min(longest, held.count), to: 0, by: -1) {
      let tail = held.suffix(length)
      if stops.contains(where: { $0.starts(with: tail) }) { return length }
    }
    return 0
  }
}
