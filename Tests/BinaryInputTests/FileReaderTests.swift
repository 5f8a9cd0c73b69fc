// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import BinaryInput

@Suite struct FileReaderTests {
  @Test("A file is read whole, whatever its size: small, in halves, of an odd number of bytes")
  func sizes() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).bin")
    defer { try? FileManager.default.removeItem(at: file) }
    for size in [0, 1, (1 << 16) - 1, 1 << 16, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_001] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      try Data(bytes).write(to: file)
      #expect(try FileReader.bytes(path: file.path) == bytes, "\(size) bytes")
    }
  }
}
