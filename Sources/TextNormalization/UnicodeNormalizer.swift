// SPDX-License-Identifier: Apache-2.0

import CICU

/// Brings UTF-8 into a normalization form, with the properties of a chosen Unicode version.
///
/// Text that is in the form already costs a scan. Malformed bytes stay as they are, and count as
/// scalars without properties.
public struct UnicodeNormalizer: Sendable {
  /// The form.
  public let form: NormalizationForm
  /// The version; younger scalars are left alone.
  public let version: UnicodeVersion

  /// For each scalar: 0 stays and does not move, 255 may change, others are combining classes.
  private let kinds: ScalarTable

  /// A normalizer to a form.
  public init(_ form: NormalizationForm, version: UnicodeVersion = .newest) {
    self.form = form
    self.version = version
    let isShared = version == .newest || version == .huggingFace
    kinds =
      switch (form, isShared, version == .newest) {
      case (.nfc, true, true): Self.newestNFC
      case (.nfd, true, true): Self.newestNFD
      case (.nfkc, true, true): Self.newestNFKC
      case (.nfkd, true, true): Self.newestNFKD
      case (.nfc, true, false): Self.huggingFaceNFC
      case (.nfd, true, false): Self.huggingFaceNFD
      case (.nfkc, true, false): Self.huggingFaceNFKC
      case (.nfkd, true, false): Self.huggingFaceNFKD
      default: Self.makeKinds(form, version)
      }
  }

  private static let newestNFC = makeKinds(.nfc, .newest)
  private static let newestNFD = makeKinds(.nfd, .newest)
  private static let newestNFKC = makeKinds(.nfkc, .newest)
  private static let newestNFKD = makeKinds(.nfkd, .newest)
  private static let huggingFaceNFC = makeKinds(.nfc, .huggingFace)
  private static let huggingFaceNFD = makeKinds(.nfd, .huggingFace)
  private static let huggingFaceNFKC = makeKinds(.nfkc, .huggingFace)
  private static let huggingFaceNFKD = makeKinds(.nfkd, .huggingFace)

  private static func makeKinds(
    _ form: NormalizationForm, _ version: UnicodeVersion
  ) -> ScalarTable {
    var table = ScalarTable()
    // Between these ranges lie ideographs, private use and Tangut, which no form changes. The
    // syllables of Hangul are all alike.
    let hangul: UInt8 = form.isComposed ? 0 : 255
    if hangul != 0 { table.set(hangul, in: 0xAC00...0xD7A3) }
    for (first, end) in [
      (0x80, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xF900, 0x1_7000),
      (0x1_AFF0, 0x2_0000), (0x2_F800, 0x2_FA20),
    ] {
      let count = end - first
      let values = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        // SAFETY: the call writes `count` bytes, which is the buffer's capacity.
        if let base = buffer.baseAddress {
          unsafe dialect_normalization_kinds(
            form.rawValue, Int32(version.major), Int32(version.minor), UInt32(first),
            UInt32(count), base)
        }
        initialized = count
      }
      var start = 0
      for index in 1...count where index == count || values[index] != values[start] {
        if values[start] != 0 {
          table.set(values[start], in: UInt32(first + start)...UInt32(first + index - 1))
        }
        start = index
      }
    }
    return table
  }

  /// The text in the form, or nil where it is in the form already.
  public func normalized(_ bytes: [UInt8]) -> [UInt8]? {
    guard firstChange(in: bytes, from: 0) != nil else { return nil }
    var text = NormalizedText(bytes, tracksOriginal: false)
    text.normalize(with: self)
    return text.bytes == bytes ? nil : text.bytes
  }

  /// The first piece at or after an offset that may change, as a byte range that no character
  /// outside of it has influence on; nil where there is none.
  func firstChange(in bytes: [UInt8], from offset: Int) -> Range<Int>? {
    var boundary = offset
    var next = offset
    var lastClass: UInt8 = 0
    let count = bytes.count
    while next < count {
      if bytes[next] < 0x80 {
        // The last of a run of ASCII may compose with what follows.
        repeat { next += 1 } while next < count && bytes[next] < 0x80
        boundary = next - 1
        lastClass = 0
        continue
      }
      let (scalar, length) = UTF8Scalars.decode(bytes, at: next)
      let kind = kinds[scalar]
      if kind == 0 {
        boundary = next
        lastClass = 0
      } else if kind == 255 || kind < lastClass {
        return boundary..<end(of: next + length, in: bytes)
      } else {
        lastClass = kind
      }
      next += length
    }
    return nil
  }

  private func end(of offset: Int, in bytes: [UInt8]) -> Int {
    var next = offset
    while next < bytes.count {
      let (scalar, length) = UTF8Scalars.decode(bytes, at: next)
      if kinds[scalar] == 0 { break }
      next += length
    }
    return next
  }

  func combiningClass(_ scalar: UInt32) -> UInt8 {
    if scalar < 0x300 || scalar >= UTF8Scalars.malformed { return 0 }
    let combiningClass = dialect_combining_class(scalar)
    return combiningClass != 0 && isKnown(scalar) ? combiningClass : 0
  }

  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if second < 0x300 || second >= UTF8Scalars.malformed || first >= UTF8Scalars.malformed {
      return nil
    }
    let composed = dialect_composition(first, second)
    return composed != 0 && isKnown(first) && isKnown(second) ? composed : nil
  }

  /// Gives the scalars of the full decomposition; a scalar that has none, itself.
  func decompose(_ scalar: UInt32, _ body: (UInt32) -> Void) {
    guard scalar >= 0x80, scalar < UTF8Scalars.malformed, isKnown(scalar) else {
      return body(scalar)
    }
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 18) { buffer in
      // SAFETY: the call writes at most 18 scalars and tells how many.
      guard let base = buffer.baseAddress else { return }
      let count = unsafe dialect_decomposition(scalar, form.isCompatibility ? 1 : 0, base)
      if count == 0 { return body(scalar) }
      for index in 0..<Int(count) { unsafe body(base[index]) }
    }
  }

  private func isKnown(_ scalar: UInt32) -> Bool {
    dialect_is_assigned(scalar, Int32(version.major), Int32(version.minor)) != 0
  }
}
