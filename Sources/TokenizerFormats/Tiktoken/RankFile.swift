// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Glibc
import Tokenization

/// The lines of a rank file: a token in Base64, a space, its rank.
struct RankFile {
  let file: String
  private(set) var table = RankTable()
  /// The 1-based line of each entry.
  private(set) var lines: [Int32] = []

  init(parsing bytes: [UInt8], file: String) throws(TokenizerLoadingError) {
    self.file = file
    guard bytes.count < FormatLimits.rankFileSize else {
      throw TokenizerLoadingError(
        .unsupported, file: file, "the file is larger than any vocabulary")
    }
    var line = 0
    var start = 0
    let count = Self.lineCount(bytes)
    table.arena.reserveCapacity(bytes.count / 4 * 3)
    table.entries.reserveCapacity(count)
    lines.reserveCapacity(count)
    while start < bytes.count {
      line += 1
      var end = start
      while end < bytes.count, bytes[end] != Self.newline { end += 1 }
      let next = end + 1
      if end > start, bytes[end - 1] == 0x0D { end -= 1 }
      if end > start {
        if let message = add(bytes[start..<end]) {
          throw TokenizerLoadingError(
            .malformed, file: file, place: .line(line), message,
            hint: "a line is a token in Base64, a space and its rank")
        }
        lines.append(Int32(truncatingIfNeeded: line))
      }
      start = next
    }
    guard !table.entries.isEmpty else {
      throw TokenizerLoadingError(.malformed, file: file, "the file has no tokens")
    }
  }

  private static let newline = UInt8(ascii: "\n")

  /// How many lines have something on them.
  static func lineCount(_ bytes: [UInt8]) -> Int {
    // SAFETY: every search starts within the buffer and ends at its end.
    unsafe bytes.withUnsafeBytes { buffer in
      guard var start = buffer.baseAddress else { return 0 }
      let end = unsafe start + buffer.count
      var count = 0
      while unsafe start < end {
        let found = unsafe memchr(start, Int32(newline), end - start)
        let stop = unsafe found.map { UnsafeRawPointer($0) } ?? end
        let isEmpty =
          unsafe stop == start
          || (stop == start + 1 && start.load(as: UInt8.self) == 0x0D)
        if !isEmpty { count += 1 }
        unsafe start = stop + 1
      }
      return count
    }
  }

  /// Takes a line, or says what is wrong with it.
  private mutating func add(_ line: ArraySlice<UInt8>) -> String? {
    guard let space = line.lastIndex(of: 0x20) else { return "there is no space" }
    let start = table.arena.count
    guard Base64.decode(line[..<space], into: &table.arena) else { return "this is no Base64" }
    guard table.arena.count > start else { return "the token is empty" }
    guard let rank = Self.number(line[(space + 1)...]) else { return "the rank is no number" }
    table.add(from: start, rank: rank)
    return nil
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard 1...9 ~= digits.count else { return nil }
    var value = 0
    for digit in digits {
      guard 0x30...0x39 ~= digit else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return value
  }

  /// Whether the first line looks like one of a rank file.
  static func recognizes(_ bytes: [UInt8]) -> Bool {
    let start = bytes.firstIndex { $0 != newline && $0 != 0x0D } ?? 0
    let head = bytes[start..<min(start + 4096, bytes.count)]
    let line = head.prefix { $0 != newline && $0 != 0x0D }
    guard let space = line.lastIndex(of: 0x20), space > start else { return false }
    return number(line[(space + 1)...]) != nil && Base64.decode(line[..<space]) != nil
  }

  /// The model of all lines.
  func makeModel() throws(TokenizerLoadingError) -> BPE {
    do throws(RankTable.Problem) {
      return try table.makeModel()
    } catch {
      switch error {
      case .duplicateRank(let entry): throw conflict(entry, "the rank stands on another line too")
      case .duplicateToken(let entry): throw conflict(entry, "the token stands on another line too")
      case .rankTooLarge(let entry): throw conflict(entry, "the rank is far beyond the last line")
      case .tokenTooLong(let entry):
        throw conflict(
          entry, "the token is longer than \(FormatLimits.splitTokenLength) bytes", .unsupported)
      case .tooManyMerges(let entry):
        throw conflict(
          entry, "the tokens so far can be put together in too many ways", .unsupported)
      case .missingByte(let byte):
        throw TokenizerLoadingError(
          .inconsistent, file: file, "the byte \(byte) has no token of its own",
          hint: "the file is not whole")
      }
    }
  }

  private func conflict(
    _ entry: Int, _ message: String, _ kind: TokenizerLoadingError.Kind = .inconsistent
  ) -> TokenizerLoadingError {
    TokenizerLoadingError(kind, file: file, place: .line(Int(lines[entry])), message)
  }
}
