// SPDX-License-Identifier: Apache-2.0

/// What OpenBLAS reaches on this machine now, on products of matrices alone: the ceiling for a
/// transformer.
package struct MachineLimits: Sendable {
  /// Floating-point operations a second of the product of two matrices.
  package let sgemmFlops: Double
  /// Bytes a second that products of a matrix too large for caches and a vector read.
  package let sgemvBytes: Double

  /// Measures for about a second.
  package static func measure(threads: Int) -> MachineLimits {
    BLAS.useThreads(threads)
    return MachineLimits(sgemmFlops: measureSgemm(), sgemvBytes: measureSgemv())
  }

  /// A prompt of 512 through a matrix of the size of a small model's.
  private static func measureSgemm() -> Double {
    let (m, n, k) = (512, 2048, 768)
    let left = numbers(m * k)
    let right = numbers(n * k)
    var result = [Float](repeating: 0, count: m * n)
    let seconds = fastest(of: 20) {
      BLAS.multiply(
        left, .init(rows: m, columns: k), transposed: right, .init(rows: n, columns: k),
        into: &result, .init(rows: m, columns: n))
    }
    return Double(2 * m * n * k) / seconds
  }

  /// 400 MB of weights, a part the size of a small model's matrix at a time.
  private static func measureSgemv() -> Double {
    let (rows, columns, parts) = (2048, 768, 64)
    let weights = numbers(parts * rows * columns)
    let vector = numbers(columns)
    var result = [Float](repeating: 0, count: rows)
    let seconds = fastest(of: 5) {
      for part in 0..<parts {
        BLAS.multiply(
          vector, .init(rows: 1, columns: columns), transposed: weights,
          .init(offset: part * rows * columns, rows: rows, columns: columns),
          into: &result, .init(rows: 1, columns: rows))
      }
    }
    return Double(weights.count * MemoryLayout<Float>.size) / seconds
  }

  private static func numbers(_ count: Int) -> [Float] {
    (0..<count).map { Float($0 % 251) / 251 - 0.5 }
  }

  private static func fastest(of passes: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var best = Duration.seconds(3600)
    for _ in 0..<passes {
      let start = clock.now
      body()
      best = min(best, clock.now - start)
    }
    return Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
  }
}

extension Transformer {
  /// Floating-point operations of a token's products with weights; attention comes on top.
  package var flopsPerToken: Double {
    let layers = weights.layers.reduce(0) { sum, layer in
      let matrices = [
        layer.query, layer.key, layer.value, layer.attentionOutput, layer.gate, layer.up,
        layer.down,
      ]
      return sum + matrices.reduce(0) { $0 + $1.rows * $1.columns }
    }
    return Double(2 * layers)
  }

  /// Bytes of weights that decoding a token reads: all but the embedding, unless it is the output.
  package var decodedByteCount: Int {
    configuration.tiesEmbeddings
      ? weightByteCount : weightByteCount - weights.embedding.tensor.range.count
  }
}
