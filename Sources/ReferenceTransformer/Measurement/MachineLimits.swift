// SPDX-License-Identifier: Apache-2.0

/// What OpenBLAS reaches on this machine now, on products of matrices alone: the ceiling for a
/// transformer.
package struct MachineLimits: Sendable {
  /// Floating-point operations a second of products of matrices whose shapes are the model's.
  package let sgemmFlops: Double
  /// Bytes a second that products of a matrix too large for caches and a vector read.
  package let sgemvBytes: Double

  /// Measures for about two seconds.
  ///
  /// - Parameters:
  ///   - model: Whose shapes are taken.
  ///   - count: Tokens of a prompt.
  ///   - threads: How many threads the products use.
  ///   - stopwatch: Which seconds count.
  /// - Returns: The fastest of several passes each.
  package static func measure(
    like model: Transformer, count: Int, threads: Int, stopwatch: Stopwatch
  ) -> MachineLimits {
    BLAS.useThreads(threads)
    return MachineLimits(
      sgemmFlops: measureSgemm(model, count, stopwatch), sgemvBytes: measureSgemv(stopwatch))
  }

  /// A prompt through matrices of a layer's shapes, one after the other.
  private static func measureSgemm(
    _ model: Transformer, _ count: Int, _ stopwatch: Stopwatch
  ) -> Double {
    var seconds = 0.0
    for matrix in model.layerMatrices {
      let (rows, columns) = (matrix.rows, matrix.columns)
      let left = numbers(count * columns)
      let right = numbers(rows * columns)
      var result = [Float](repeating: 0, count: count * rows)
      seconds += fastest(of: 10, stopwatch) {
        var product = result.mutableSpan
        BLAS.multiply(
          left.span, .init(rows: count, columns: columns),
          transposed: right.span, .init(rows: rows, columns: columns),
          into: &product, .init(rows: count, columns: rows))
      }
    }
    return Double(count) * model.flopsPerLayer / seconds
  }

  /// 400 MB of weights, a part the size of a small model's matrix at a time.
  private static func measureSgemv(_ stopwatch: Stopwatch) -> Double {
    let (rows, columns, parts) = (2048, 768, 64)
    let weights = numbers(parts * rows * columns)
    let vector = numbers(columns)
    var result = [Float](repeating: 0, count: rows)
    let seconds = fastest(of: 5, stopwatch) {
      var product = result.mutableSpan
      for part in 0..<parts {
        BLAS.multiply(
          vector.span, .init(rows: 1, columns: columns), transposed: weights.span,
          .init(offset: part * rows * columns, rows: rows, columns: columns),
          into: &product, .init(rows: 1, columns: rows))
      }
    }
    return Double(weights.count * MemoryLayout<Float>.size) / seconds
  }

  private static func numbers(_ count: Int) -> [Float] {
    (0..<count).map { Float($0 % 251) / 251 - 0.5 }
  }

  private static func fastest(of passes: Int, _ stopwatch: Stopwatch, _ body: () -> Void)
    -> Double
  {
    (0..<passes).map { _ in stopwatch.seconds(body) }.min() ?? 0
  }
}

extension Transformer {
  /// Floating-point operations of a token's products with weights; attention comes on top.
  package var flopsPerToken: Double { flopsPerLayer * Double(weights.layers.count) }

  /// Bytes of weights that decoding a token reads: all but the embedding, unless it is the output.
  package var decodedByteCount: Int {
    configuration.tiesEmbeddings
      ? weightByteCount : weightByteCount - weights.embedding.tensor.range.count
  }

  fileprivate var flopsPerLayer: Double {
    layerMatrices.reduce(0) { $0 + Double(2 * $1.rows * $1.columns) }
  }

  /// All layers have the shapes of the first.
  fileprivate var layerMatrices: [WeightMatrix] {
    let layer = weights.layers[0]
    return [
      layer.query, layer.key, layer.value, layer.attentionOutput, layer.gate, layer.up, layer.down,
    ]
  }
}
