// SPDX-License-Identifier: Apache-2.0

import OrderedJSON
import Testing
import TextPrimitives

@Suite("Bytes of strings where they lie") struct StringBytesTests {
  private func bytes(of value: JSONValue) -> [UInt8]? {
    unsafe withUnsafePointer(to: value) { place in
      guard let bytes = unsafe StringBytes(of: place) else { return nil }
      if let start = unsafe bytes.start {
        return unsafe Array(UnsafeBufferPointer(start: start, count: bytes.count))
      }
      return unsafe withUnsafeBytes(of: bytes.short) { unsafe Array($0.prefix(bytes.count)) }
    }
  }

  @Test func `strings of every length give their bytes`() {
    for count in 0...40 {
      let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(0x41 + $0))) })
      #expect(bytes(of: .string(ExactString(text))) == Array(text.utf8))
      // A short string in memory of its own.
      var reserved = text
      reserved.reserveCapacity(100)
      #expect(bytes(of: .string(ExactString(reserved))) == Array(text.utf8))
    }
    #expect(bytes(of: .string("Grüße, 世界: wie geht es?")) == Array("Grüße, 世界: wie geht es?".utf8))
  }

  @Test(arguments: [JSONValue.null, 1, true, 1.5, [], ["a": "b"]])
  func `other values have none`(_ value: JSONValue) {
    #expect(bytes(of: value) == nil)
  }

  @Test func `strings are the same by their bytes`() {
    let texts: [ExactString] = [
      "", "a", "b", "ab", "e\u{301}", "\u{e9}", "fifteen bytes: 1", "sixteen bytes: 12",
      "sixteen bytes: 13",
    ]
    for left in texts {
      for right in texts {
        var copy = right.string
        copy.reserveCapacity(100)
        let other = ExactString(copy)
        let areSame = unsafe withUnsafePointer(to: left) { left in
          unsafe withUnsafePointer(to: other) { other -> Bool? in
            guard let left = unsafe StringBytes(of: left), let other = unsafe StringBytes(of: other)
            else { return nil }
            return left.areSame(as: other)
          }
        }
        #expect(areSame == (left == right), "\(left) \(right)")
      }
    }
  }
}
