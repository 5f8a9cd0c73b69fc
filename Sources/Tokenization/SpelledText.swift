// SPDX-License-Identifier: Apache-2.0

/// The bytes of a file in which tokens are spelt, and after them what the file writes with escapes.
///
/// A token is a range of both, counted from the start of the file, so that nearly all tokens can be
/// read where they stand.
public struct SpelledText: Sendable {
  /// Larger files have places that are too large to keep.
  public static let sizeLimit = Int(UInt32.max)

  /// The file.
  public let file: [UInt8]
  /// What comes after it.
  public var unescaped: [UInt8] = []

  /// The text of a file without escapes.
  public init(_ file: [UInt8]) {
    self.file = file
  }

  /// How many bytes there are.
  public var count: Int { file.count + unescaped.count }

  /// The bytes of a token.
  public subscript(_ place: Range<Int>) -> ArraySlice<UInt8> {
    place.lowerBound < file.count
      ? file[place] : unescaped[place.lowerBound - file.count..<place.upperBound - file.count]
  }

  /// The only place in a range at which a byte stands; nil where it stands at none or several.
  public func onlyPlace(of byte: UInt8, in range: Range<Int>) -> Int? {
    withView { view in
      let part = view.part(range)
      guard let first = part.firstPlace(of: byte),
        part.part(first + 1..<part.count).firstPlace(of: byte) == nil
      else { return nil }
      return range.lowerBound + first
    }
  }

  /// Gives the bytes for the length of the call.
  func withView<Result>(_ body: (View) -> Result) -> Result {
    file.span.withUnsafeSlices { file in
      unescaped.span.withUnsafeSlices { body(View(file: file, unescaped: $0)) }
    }
  }

  /// The bytes as inner loops read them.
  struct View {
    let file: ByteSlices
    let unescaped: ByteSlices

    /// The bytes that a token stands in, and where.
    @inline(__always)
    func place(_ place: Range<Int>) -> (text: ByteSlices, range: Range<Int>) {
      place.lowerBound < file.count
        ? (file, place)
        : (unescaped, place.lowerBound - file.count..<place.upperBound - file.count)
    }

    /// A token's bytes.
    @inline(__always)
    func part(_ place: Range<Int>) -> ByteSlices {
      let (text, range) = self.place(place)
      return text.part(range)
    }
  }
}
