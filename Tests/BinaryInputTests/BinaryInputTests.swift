// SPDX-License-Identifier: Apache-2.0

import BinaryInput
import Testing

@Suite("Base64") struct Base64Tests {
  // The vectors of RFC 4648 §10.
  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
    ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
  ])
  func `decodes the vectors of the RFC`(encoded: String, plain: String) {
    #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
  }

  @Test(arguments: [
    "Zg", "Zg=", "Z", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Zm 9v", "Zm9v\n", "====",
  ])
  func `refuses what is no Base64`(encoded: String) {
    #expect(Base64.decode(encoded.utf8) == nil)
  }
}

@Suite("ByteCursor") struct ByteCursorTests {
  @Test func `reads little-endian and never past the end`() {
    let bytes: [UInt8] = [1, 2, 0, 0xAC, 0x02, 9]
    unsafe bytes.withUnsafeBytes { buffer in
      var cursor = unsafe ByteCursor(buffer)
      #expect(cursor.integer(UInt8.self) == 1)
      #expect(cursor.integer(UInt16.self) == 2)
      #expect(cursor.varint() == 300)
      #expect(cursor.integer(UInt32.self) == nil)
      #expect(cursor.take(2) == nil)
      #expect(cursor.take(-1) == nil)
      #expect(cursor.take(1) == 5..<6)
      #expect(cursor.remaining == 0)
    }
  }

  @Test func `a varint that never ends, or has over 64 bits, is none`() {
    for bytes in [[UInt8](repeating: 0x80, count: 4), [UInt8](repeating: 0xFF, count: 11)] {
      unsafe bytes.withUnsafeBytes { buffer in
        var cursor = unsafe ByteCursor(buffer)
        #expect(cursor.varint() == nil)
        #expect(cursor.offset == 0)
      }
    }
  }
}

@Suite("Files") struct FileTests {
  @Test func `a mapped file and a read file have the same bytes`() throws {
    let path = #filePath
    let read = try FileReader.bytes(path: path)
    let mapped = try MappedFile(path: path)
    let isEqual = unsafe mapped.withBytes { unsafe $0.elementsEqual(read) }
    #expect(isEqual && !read.isEmpty)
  }

  @Test func `errors name the path, the reason and what to do`() {
    let missing = #expect(throws: FileError.self) { try FileReader.bytes(path: "/no/such/file") }
    #expect(
      missing?.description
        == "/no/such/file: cannot be read: no such file or directory; check the path")
    let folder = #expect(throws: FileError.self) { try FileReader.bytes(path: "/") }
    #expect(folder?.description == "/: cannot be read: is a directory; name a file inside it")
  }
}
