// SPDX-License-Identifier: Apache-2.0

/// How the numbers of a tensor are stored.
public enum WeightType: String, Sendable {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  /// Blocks of 32: a float16 scale and 32 signed bytes.
  case q8_0 = "Q8_0"

  /// Elements of one block and bytes of one block.
  var block: (elements: Int, bytes: Int) {
    switch self {
    case .float32: (1, 4)
    case .float16, .bfloat16: (1, 2)
    case .q8_0: (32, 34)
    }
  }

  /// What its offset must be a multiple of; only BLAS reads numbers where they lie.
  var alignment: Int { self == .float32 ? 4 : 1 }
}

/// A tensor's name, shape, type and place in a file that is there.
struct WeightTensor: Sendable {
  let name: String
  /// Row-major: the last dimension is contiguous.
  let shape: [Int]
  let type: WeightType
  let bytes: WeightBytes
  /// Absolute in the file and inside it.
  let range: Range<Int>

  /// A tensor whose size fits its shape and whose bytes lie in the file.
  ///
  /// - Throws: ``TransformerError`` that names the tensor.
  init(
    name: String, shape: [Int], type: WeightType, bytes: WeightBytes, range: Range<Int>
  ) throws(TransformerError) {
    let size = unsafe bytes.withBytes { $0.count }
    guard range.upperBound <= size else {
      throw TransformerError(
        .tensorOutsideFile(name, shape: shape, end: range.upperBound, size: size))
    }
    guard let needed = Self.byteCount(shape, type), needed == range.count else {
      throw TransformerError(
        .wrongSize(
          name, shape: shape, needed: Self.byteCount(shape, type) ?? .max, found: range.count))
    }
    let address = unsafe bytes.withBytes { Int(bitPattern: $0.baseAddress) } + range.lowerBound
    guard address.isMultiple(of: type.alignment) else {
      throw TransformerError(
        .misalignedTensor(name, offset: range.lowerBound, alignment: type.alignment))
    }
    self.name = name
    self.shape = shape
    self.type = type
    self.bytes = bytes
    self.range = range
  }

  /// nil where the product of the dimensions is beyond 64 bits.
  private static func byteCount(_ shape: [Int], _ type: WeightType) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      count = product
    }
    let (product, overflow) = (count / type.block.elements)
      .multipliedReportingOverflow(by: type.block.bytes)
    return overflow ? nil : product
  }

  /// Gives the tensor's bytes for the length of the call.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe bytes.withBytes { all in
      // SAFETY: the initializer checked that the range lies inside.
      unsafe body(UnsafeRawBufferPointer(rebasing: all[range]))
    }
  }
}
