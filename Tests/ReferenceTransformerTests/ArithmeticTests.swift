// SPDX-License-Identifier: Apache-2.0

import CHalfPrecision
import Glibc
import Testing

@testable import ReferenceTransformer

@Suite("Arithmetic") struct ArithmeticTests {
  @Test func `exponentials are exact to two units in the last place`() {
    for step in -87_000...88_000 {
      let x = Float(step) / 1000
      let exact = exp(Double(x))
      #expect(abs(Double(Elementwise.exponential(x)) - exact) <= exact * 2.4e-7, "\(x)")
    }
    #expect(Elementwise.exponential(0) == 1)
    #expect(Elementwise.exponential(-.infinity) < 2e-38)
    #expect(Elementwise.exponential(.nan).isNaN)
    // A NaN whose lowest bits are set, which the shift must not turn into a number.
    #expect(Elementwise.exponential(Float(bitPattern: 0x7FFF_FFFF)).isNaN)
  }

  @Test func `every half-precision number is widened exactly`() {
    let halves = (0...UInt16.max).map { $0 }
    let zeros = [Float](repeating: 0, count: 65_536)
    var (wide, portable, brain) = (zeros, zeros, zeros)
    unsafe halves.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe dialect_widen_f16(start, &wide, 65_536)
      unsafe dialect_portable_widen_f16(start, &portable, 65_536)
      unsafe dialect_widen_bf16(start, &brain, 65_536)
    }
    for half in halves {
      let expected = Self.float16(half)
      for found in [wide[Int(half)], portable[Int(half)]] {
        #expect(
          expected.isNaN ? found.isNaN : found.bitPattern == expected.bitPattern, "\(half)")
      }
      #expect(brain[Int(half)].bitPattern == UInt32(half) << 16)
    }
  }

  @Test(arguments: [1, 16, 63, 64, 65, 100, 128, 333])
  func `float16 times a vector is the same on every processor`(_ columns: Int) {
    let weights: [UInt16] = (0..<7 * columns).map { 0x3800 + UInt16($0 * 79 % 2047) }
    let vector: [Float] = (0..<columns).map { Float($0 * 37 % 23 - 11) }
    var (best, portable) = ([Float](repeating: .nan, count: 7), [Float](repeating: .nan, count: 7))
    unsafe weights.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe dialect_multiply_f16(start, vector, &best, 7, columns)
      unsafe dialect_portable_multiply_f16(start, vector, &portable, 7, columns)
    }
    #expect(difference(best, portable) < 1e-5)
  }

  /// IEEE 754 binary16 as its definition reads.
  private static func float16(_ half: UInt16) -> Float {
    let sign: Float = half >> 15 == 0 ? 1 : -1
    let (exponent, fraction) = (Int32(half >> 10 & 31), Float(half & 1023))
    switch exponent {
    case 0: return sign * scalbnf(fraction, -24)
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * scalbnf(1024 + fraction, exponent - 25)
    }
  }

  @Test(arguments: [WeightType.float16, .bfloat16, .q8_0])
  func `products with small weights are those of widened weights`(_ type: WeightType) throws {
    for columns in type == .q8_0 ? [32, 96] : [1, 15, 16, 33, 64, 100] {
      let rows = 3000
      let size = rows * columns / type.block.elements * type.block.bytes
      // Halves of moderate size in both formats; as Q8_0, any bytes with scales of such size.
      var bytes = [UInt8](repeating: 0, count: size)
      for place in 0..<size {
        let low: Int = place * 79 % 251
        bytes[place] = place % 2 == 0 ? UInt8(low) : UInt8(0x38 + place % 4)
      }
      let input: [Float] = (0..<2 * columns).map { place in
        let step: Int = place * 37 % 23
        return Float(step - 11)
      }
      try unsafe bytes.withUnsafeBytes { content in
        let tensor = try WeightTensor(
          name: "t", shape: [rows, columns], type: type,
          bytes: unsafe WeightBytes(constant: content), range: 0..<size)
        let wide = tensor.values()
        let matrix = WeightMatrix(tensor, bias: nil)
        for (count, threads) in [(1, 1), (1, 3), (2, 1), (2, 3)] {
          var workspace = Workspace(threadCount: threads)
          var found = [Float](repeating: .nan, count: count * rows)
          matrix.multiply(input, count: count, into: &found, &workspace)
          var expected = found
          for token in 0..<count {
            for row in 0..<rows {
              var sum = 0.0
              for column in 0..<columns {
                let weight = wide[row * columns + column]
                sum += Double(weight) * Double(input[token * columns + column])
              }
              expected[token * rows + row] = Float(sum)
            }
          }
          #expect(difference(found, expected) < 1e-5, "\(columns) columns, \(count) tokens")
        }
      }
    }
  }

  @Test(arguments: [WeightType.float16, .bfloat16, .q8_0])
  func `a token's products are the same numbers whatever the threads`(_ type: WeightType) throws {
    let (rows, columns) = (1501, 96)
    let size = rows * columns / type.block.elements * type.block.bytes
    // As above.
    let bytes = (0..<size).map { (place: Int) -> UInt8 in
      let low: Int = place * 79 % 251
      return place % 2 == 0 ? UInt8(low) : UInt8(0x38 + place % 4)
    }
    let input: [Float] = (0..<columns).map { place in
      let step: Int = place * 37 % 23
      return Float(step) / 7 - 1
    }
    try unsafe bytes.withUnsafeBytes { content in
      let tensor = try WeightTensor(
        name: "t", shape: [rows, columns], type: type,
        bytes: unsafe WeightBytes(constant: content), range: 0..<size)
      let results = [1, 2, 3, 7].map { threads in
        var workspace = Workspace(threadCount: threads)
        var found = [Float](repeating: .nan, count: rows)
        WeightMatrix(tensor, bias: nil).multiply(input, count: 1, into: &found, &workspace)
        return found.map(\.bitPattern)
      }
      #expect(Set(results).count == 1)
    }
  }

  @Test func `softmax of one number is one, and large numbers do not overflow`() {
    var values: [Float] = [7, 1000, 1001, 3]
    var span = values.mutableSpan
    Elementwise.softmax(&span, of: 0..<1, visible: 0..<1)
    Elementwise.softmax(&span, of: 1..<3, visible: 0..<2)
    #expect(values[0] == 1)
    #expect(abs(values[1] - 0.268_941_4) < 1e-6)
    #expect(abs(values[2] - 0.731_058_6) < 1e-6)
    #expect(values[3] == 3)
  }

  @Test(arguments: [1, 7, 8, 9, 40])
  func `softmax is its definition on what is visible, and zero beside it`(_ count: Int) {
    var values: [Float] = (0..<count + 5).map { Float($0 * 29 % 17) / 4 - 2 }
    let powers = values[2..<2 + count].map { exp(Double($0)) }
    let sum = powers.reduce(0, +)
    var span = values.mutableSpan
    Elementwise.softmax(&span, of: 0..<count + 5, visible: 2..<2 + count)
    let expected = [0, 0] + powers.map { Float($0 / sum) } + [0, 0, 0]
    #expect(difference(values, expected) < 1e-6)
    values = [1, .nan, 2, 3, 4, 5, 6, 7, 8]
    span = values.mutableSpan
    Elementwise.softmax(&span, of: 0..<9, visible: 0..<9)
    #expect(!values.contains { !$0.isNaN })
  }
}
