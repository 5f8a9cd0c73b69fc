// SPDX-License-Identifier: Apache-2.0

/// Texts that stand one after the other in one buffer, since an array each would take more than the
/// texts.
struct TextList: RandomAccessCollection {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  var startIndex: Int { 0 }
  var endIndex: Int { ends.count }

  /// How many bytes all texts have.
  var byteCount: Int { bytes.count }

  subscript(index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  mutating func append(_ text: some Sequence<UInt8>) {
    bytes += text
    ends.append(bytes.count)
  }
}
