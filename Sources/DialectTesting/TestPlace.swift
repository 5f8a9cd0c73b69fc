// SPDX-License-Identifier: Apache-2.0

import Testing
import XCTest

/// Where a test stands, and how it fails there.
struct TestPlace {
  let fileID: StaticString
  let filePath: StaticString
  let line: UInt
  let column: UInt

  /// The folder of the test's source.
  var folder: String {
    let path = "\(filePath)"
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return String(path[..<slash])
  }

  /// Fails the test of whichever library is running one.
  func fail(_ message: String) {
    guard Test.current != nil else {
      return XCTFail(message, file: filePath, line: line)
    }
    Issue.record(
      Comment(rawValue: message),
      sourceLocation: SourceLocation(
        fileID: "\(fileID)", filePath: "\(filePath)", line: Int(line), column: Int(column)))
  }
}
