// SPDX-License-Identifier: Apache-2.0

import Glibc
import OrderedJSON
import TextPrimitives

/// Batch mode: a JSON object a line in, a JSON object a line out, in order.
///
/// A line that cannot be used gives `{"error": …}` in its place, and the stream goes on.
enum BatchStream {
  /// Runs `answer` on every line of standard input.
  static func run(_ answer: (JSONObject) throws -> JSONObject) {
    ProcessMemory.keepFreed()
    var output: [UInt8] = []
    var lines = LineReader()
    while let line = lines.next(beforeWaiting: { flush(&output) }) {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      JSONSerializer().write(.object(result(of: line, answer)), to: &output)
      output.append(UInt8(ascii: "\n"))
      if output.count > 1 << 16 { flush(&output) }
    }
    flush(&output)
  }

  private static func result(of line: [UInt8], _ answer: (JSONObject) throws -> JSONObject)
    -> JSONObject
  {
    do {
      let value = try JSONValue(parsing: line)
      guard let object = value.object else {
        return ["error": .string(ExactString("expected an object, found \(value.kindName)"))]
      }
      return try answer(object)
    } catch let error as ToolError {
      return ["error": .string(ExactString(error.message))]
    } catch {
      return ["error": .string(ExactString("\(error)"))]
    }
  }

  private static func flush(_ output: inout [UInt8]) {
    Console.write(output)
    output.removeAll(keepingCapacity: true)
  }
}

/// Reads standard input line by line; lines end with `\n` only.
struct LineReader {
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  /// The next line without its end; `beforeWaiting` runs before more input is waited for.
  mutating func next(beforeWaiting: () -> Void) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      if isAtEnd {
        defer { start = buffer.count }
        return start < buffer.count ? Array(buffer[start...]) : nil
      }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      beforeWaiting()
      fill()
    }
  }

  private mutating func fill() {
    let chunk = 1 << 16
    let part = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { target, count in
      // SAFETY: the system writes at most `chunk` bytes into a buffer of that size.
      var received = unsafe read(STDIN_FILENO, target.baseAddress, chunk)
      while received < 0, errno == EINTR {
        received = unsafe read(STDIN_FILENO, target.baseAddress, chunk)
      }
      count = max(0, received)
    }
    if part.isEmpty { isAtEnd = true }
    buffer += part
  }
}
