// SPDX-License-Identifier: Apache-2.0

import CICU

/// A regular expression in ICU's syntax, matched over UTF-8 by ICU.
///
/// Bytes that are not UTF-8 match as U+FFFD does; the ranges of matches are those of the bytes. A
/// regex can be shared between threads.
public struct ICURegex: Sendable {
  /// How much a search may cost before it is an error.
  public struct Limits: Sendable, Hashable {
    /// Steps of the engine in thousands, about a millisecond each; 0 for no limit.
    public var steps: Int32
    /// Bytes of the backtracking stack; 0 for no limit.
    public var stackBytes: Int32

    /// Some limits.
    public init(steps: Int32 = 10_000, stackBytes: Int32 = 64 << 20) {
      self.steps = steps
      self.stackBytes = stackBytes
    }
  }

  /// The pattern.
  public let source: String
  /// How much a search may cost.
  public let limits: Limits
  private let handle: ICURegexHandle

  /// Compiles a pattern.
  ///
  /// - Throws: ``ICURegexError`` with the place in the pattern.
  public init(_ source: String, limits: Limits = .init()) throws(ICURegexError) {
    self.source = source
    self.limits = limits
    var (status, place) = (Int32(0), Int64(0))
    // ICU takes no empty pattern.
    var copy = source.isEmpty ? "(?:)" : source
    // SAFETY: ICU copies the pattern; the pointers live for the call.
    let address = copy.withUTF8 { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        unsafe UInt(
          bitPattern: dialect_regex_open(text.baseAddress, Int64(text.count), &place, &status))
      }
    }
    guard address != 0 else {
      throw ICURegexError(
        .invalidPattern(reason: ICURegexError.name(of: status)),
        patternOffset: place >= 0 ? Int(place) : nil)
    }
    handle = ICURegexHandle(address)
  }

  /// The first match at or after a byte offset; it may be empty.
  ///
  /// - Throws: ``ICURegexError`` where the search exceeds the limits.
  public func firstMatch(
    in bytes: Span<UInt8>, from start: Int
  ) throws(ICURegexError) -> Range<Int>? {
    var result: Range<Int>?
    try search(bytes, from: start) {
      result = $0
      return false
    }
    return result
  }

  /// All matches from left to right, as byte ranges.
  ///
  /// A match that is empty and stands where the last one ended does not count.
  /// - Throws: ``ICURegexError`` where a search exceeds the limits.
  public func matches(in bytes: [UInt8]) throws(ICURegexError) -> [Range<Int>] {
    var result: [Range<Int>] = []
    try forEachMatch(in: bytes.span) { result.append($0) }
    return result
  }

  /// Gives all matches from left to right, as byte ranges.
  ///
  /// - Throws: ``ICURegexError`` where a search exceeds the limits.
  public func forEachMatch(
    in bytes: Span<UInt8>, _ body: (Range<Int>) -> Void
  ) throws(ICURegexError) {
    try search(bytes, from: 0) {
      body($0)
      return true
    }
  }

  /// Visits the matches until the closure says no.
  private func search(
    _ bytes: Span<UInt8>, from first: Int, _ visit: (Range<Int>) -> Bool
  ) throws(ICURegexError) {
    try unsafe bytes.withUnsafeBytes { (buffer) throws(ICURegexError) in
      var status: Int32 = 0
      // SAFETY: the clone is closed on the way out, and the bytes outlive it.
      let regex = unsafe dialect_regex_clone(OpaquePointer(bitPattern: handle.address), &status)
      defer { unsafe dialect_regex_close(regex) }
      guard unsafe regex != nil else { throw ICURegexError(status) }
      let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      unsafe dialect_regex_set_text(
        regex, base, Int64(buffer.count), limits.steps, limits.stackBytes, &status)
      if status > 0 { throw ICURegexError(status) }
      var (from, lastEnd) = (first, -1)
      while from <= buffer.count {
        var (start, end) = (Int64(0), Int64(0))
        guard unsafe dialect_regex_find(regex, Int64(from), &start, &end, &status) != 0 else {
          if status > 0 { throw ICURegexError(status) }
          return
        }
        let match = Int(start)..<Int(end)
        if match.isEmpty {
          if match.lowerBound != lastEnd, !visit(match) { return }
          from = match.upperBound
          guard from < buffer.count else { return }
          from += UTF8Scalars.decode(bytes, at: from).length
        } else {
          if !visit(match) { return }
          from = match.upperBound
        }
        lastEnd = match.upperBound
      }
    }
  }
}

/// ICU's compiled pattern, which nothing changes: matching works on clones.
private final class ICURegexHandle: Sendable {
  let address: UInt

  init(_ address: UInt) {
    self.address = address
  }

  deinit {
    // SAFETY: the address is what dialect_regex_open gave, and clones are independent of it.
    unsafe dialect_regex_close(OpaquePointer(bitPattern: address))
  }
}
