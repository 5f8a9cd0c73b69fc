// SPDX-License-Identifier: Apache-2.0

/// The arithmetic between the products of matrices, of which each thread does some rows.
enum Elementwise {
  /// `target += addend` for the first rows of both, which have the shape `(rows, size)`.
  static func add(
    _ addend: [Float], to target: inout [Float], rows: Int, size: Int, _ team: ThreadTeam
  ) {
    team.divide(&target, rows: rows, rowSize: size) { rows, sums in
      let source = addend.span.extracting(rows.lowerBound * size..<rows.upperBound * size)
      for index in source.indices { sums[index] += source[index] }
    }
  }

  /// `target += addend` for each row of `target`; shapes `(size)` and `(rows, size)`.
  static func addToEach(
    _ addend: [Float], _ target: inout [Float], rows: Int, _ team: ThreadTeam
  ) {
    let size = addend.count
    team.divide(&target, rows: rows, rowSize: size) { rows, sums in
      let source = addend.span
      for row in 0..<rows.count {
        sums.withPart(row * size..<(row + 1) * size) { part in
          for index in 0..<size { part[index] += source[index] }
        }
      }
    }
  }

  /// Root-mean-square normalization: `output = input / sqrt(mean(input²) + epsilon) · weights`,
  /// each row by itself (RMSNorm, arXiv:1910.07467).
  ///
  /// - Parameters:
  ///   - input: Rows of as many numbers as there are weights.
  ///   - rows: Which of them.
  ///   - weights: Shape `(size)`.
  ///   - epsilon: Keeps a row of zeros from dividing by zero.
  ///   - output: Shape `(rows.count, size)`.
  ///   - team: Whose threads do some rows each.
  static func normalize(
    _ input: [Float], rows: Range<Int>, by weights: [Float], epsilon: Float,
    into output: inout [Float], _ team: ThreadTeam
  ) {
    let (size, first) = (weights.count, rows.lowerBound)
    team.divide(&output, rows: rows.count, rowSize: size) { rows, target in
      let factors = weights.span
      for (place, row) in rows.enumerated() {
        let source = input.span.extracting((first + row) * size..<(first + row + 1) * size)
        let scale = inverseRoot(source, epsilon)
        target.withPart(place * size..<(place + 1) * size) { part in
          for index in 0..<size { part[index] = factors[index] * (source[index] * scale) }
        }
      }
    }
  }

  /// The same, where input and output are one.
  static func normalize(
    _ values: inout [Float], rows: Int, by weights: [Float], epsilon: Float, _ team: ThreadTeam
  ) {
    let size = weights.count
    team.divide(&values, rows: rows, rowSize: size) { rows, numbers in
      let factors = weights.span
      for row in 0..<rows.count {
        numbers.withPart(row * size..<(row + 1) * size) { part in
          let scale = inverseRoot(part.span, epsilon)
          for index in 0..<size { part[index] = factors[index] * (part[index] * scale) }
        }
      }
    }
  }

  /// `1 / sqrt(mean(values²) + epsilon)`.
  private static func inverseRoot(_ values: Span<Float>, _ epsilon: Float) -> Float {
    // Eight sums, so that an addition need not wait for the one before.
    var sums = SIMD8<Float>()
    let whole = values.count / 8 * 8
    for start in stride(from: 0, to: whole, by: 8) {
      let part = values.lanes(start)
      sums += part * part
    }
    var sum = sums.sum()
    for index in whole..<values.count { sum += values[index] * values[index] }
    return 1 / (sum / Float(values.count) + epsilon).squareRoot()
  }

  /// `gate[i] = silu(gate[i]) · up[i]` with `silu(x) = x / (1 + exp(-x))`: the gate of SwiGLU
  /// (arXiv:2002.05202).
  static func gate(
    _ gate: inout [Float], by up: [Float], rows: Int, size: Int, _ team: ThreadTeam
  ) {
    team.divide(&gate, rows: rows, rowSize: size) { rows, values in
      let factors = up.span.extracting(rows.lowerBound * size..<rows.upperBound * size)
      for index in factors.indices {
        let value = values[index]
        values[index] = value / (1 + exponential(-value)) * factors[index]
      }
    }
  }

  /// Makes the visible numbers of a row positive with the sum 1, `exp(x) / Σ exp(x)`, and the
  /// others 0.
  ///
  /// - Parameters:
  ///   - values: Rows of scores.
  ///   - row: Where the row stands.
  ///   - visible: Which of its numbers count, relative to its start; at least one.
  static func softmax(
    _ values: inout MutableSpan<Float>, of row: Range<Int>, visible: Range<Int>
  ) {
    values.withPart(row) { scores in
      for index in 0..<visible.lowerBound { scores[index] = 0 }
      for index in visible.upperBound..<scores.count { scores[index] = 0 }
      scores.withPart(visible) { softmax(&$0) }
    }
  }

  private static func softmax(_ part: inout MutableSpan<Float>) {
    let (count, whole) = (part.count, part.count / 8 * 8)
    // A NaN may be passed over here; the exponentials keep it.
    var greatest = SIMD8<Float>(repeating: -.infinity)
    for start in stride(from: 0, to: whole, by: 8) {
      let lanes = part.span.lanes(start)
      greatest.replace(with: lanes, where: lanes .> greatest)
    }
    var peak = greatest.max()
    for index in whole..<count where part[index] > peak { peak = part[index] }
    for index in 0..<count { part[index] = exponential(part[index] - peak) }
    var sums = SIMD8<Float>()
    for start in stride(from: 0, to: whole, by: 8) { sums += part.span.lanes(start) }
    var sum = sums.sum()
    for index in whole..<count { sum += part[index] }
    let scale = 1 / sum
    for index in 0..<count { part[index] *= scale }
  }

  /// `e^x` to within two units in the last place, without branches, so that loops of it become
  /// vector instructions; below -87 it stays at 1.6e-38.
  ///
  /// `e^x = 2^n · e^r` with `n` the integer nearest to `x / ln 2`; the polynomial is Taylor's to the
  /// seventh power, whose rest is below 3e-9 for `|r| <= ln 2 / 2`.
  @inline(__always)
  static func exponential(_ value: Float) -> Float {
    var x = value < -87 ? -87 : value
    x = x > 88 ? 88 : x
    // Adding 1.5 · 2^23 rounds to an integer, which then stands in the lowest bits.
    let shifter: Float = 12_582_912
    let shifted = x * 1.442_695_04 + shifter
    let n = shifted - shifter
    // ln 2 in two parts; the first has few bits, so that its product with n is exact.
    let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
    var power: Float = 1.0 / 5_040
    power = power * r + 1.0 / 720
    power = power * r + 1.0 / 120
    power = power * r + 1.0 / 24
    power = power * r + 1.0 / 6
    power = power * r + 0.5
    power = power * r + 1
    power = power * r + 1
    return power * Float(bitPattern: shifted.bitPattern &<< 23 &+ 0x3F80_0000)
  }
}

extension Span<Float> {
  /// Eight numbers from `start` on.
  @inline(__always)
  func lanes(_ start: Int) -> SIMD8<Float> {
    precondition(0 <= start && start <= count - 8)
    let place = start * MemoryLayout<Float>.stride
    // SAFETY: the eight lie inside.
    return unsafe withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
    }
  }
}

extension MutableSpan<Float> {
  /// Gives some of the numbers for writing.
  @inline(__always)
  mutating func withPart(_ range: Range<Int>, _ body: (inout MutableSpan<Float>) -> Void) {
    unsafe withUnsafeMutableBufferPointer { buffer in
      precondition(0 <= range.lowerBound && range.upperBound <= buffer.count)
      // SAFETY: the range lies inside, and the span does not outlive the call.
      var part = unsafe buffer.extracting(range).mutableSpan
      body(&part)
    }
  }
}
