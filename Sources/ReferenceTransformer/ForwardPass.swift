// SPDX-License-Identifier: Apache-2.0

/// What a decoder-only model does with ids, from top to bottom.
///
/// All buffers are row-major float32 with a row per token. `count` is the number of tokens that go
/// through together: many for a prompt, one while generating.
extension TransformerSession {
  /// Runs tokens through all layers; `hidden` then holds what the last one gave.
  ///
  /// - Parameter ids: At most `rowLimit` ids of the vocabulary.
  mutating func forward(_ ids: ArraySlice<UInt32>) {
    let (size, count, epsilon) = (model.configuration, ids.count, model.configuration.normEpsilon)

    // hidden: (count, hiddenSize). Each token begins as its row of the embedding.
    for (row, id) in ids.enumerated() {
      model.weights.embedding.copyRow(Int(id), into: &hidden, at: row * size.hiddenSize)
    }
    rotation.prepare(self.count..<self.count + count)

    for (index, layer) in model.weights.layers.enumerated() {
      // normalized: (count, hiddenSize)
      Elementwise.normalize(
        hidden, rows: 0..<count, by: layer.attentionNorm.values, epsilon: epsilon,
        into: &normalized)
      // queries: (count, headCount, headSize); keys, values: (count, keyValueHeadCount, headSize)
      layer.query.multiply(normalized, count: count, into: &queries, &workspace)
      layer.key.multiply(normalized, count: count, into: &keys, &workspace)
      layer.value.multiply(normalized, count: count, into: &values, &workspace)
      if let norm = layer.queryNorm?.values {
        let rows = count * size.headCount
        Elementwise.normalize(&queries, rows: rows, by: norm, epsilon: epsilon)
      }
      if let norm = layer.keyNorm?.values {
        let rows = count * size.keyValueHeadCount
        Elementwise.normalize(&keys, rows: rows, by: norm, epsilon: epsilon)
      }
      rotation.turn(&queries, heads: size.headCount)
      rotation.turn(&keys, heads: size.keyValueHeadCount)
      // cache: (self.count + count, keyValueHeadCount, headSize) for each layer
      cache.append(keys, values, count: count, layer: index)
      // mixed: (count, headCount, headSize); some tokens at a time, so that few scores are
      // computed of keys that a token does not see.
      let height = attendedRows(keys: self.count + count)
      for first in stride(from: 0, to: count, by: height) {
        attend(layer: index, rows: first..<min(first + height, count))
      }
      // update, hidden: (count, hiddenSize)
      layer.attentionOutput.multiply(mixed, count: count, into: &update, &workspace)
      Elementwise.add(update, count: count * size.hiddenSize, to: &hidden)

      Elementwise.normalize(
        hidden, rows: 0..<count, by: layer.feedForwardNorm.values, epsilon: epsilon,
        into: &normalized)
      // gate, up: (count, intermediateSize)
      layer.gate.multiply(normalized, count: count, into: &gate, &workspace)
      layer.up.multiply(normalized, count: count, into: &up, &workspace)
      Elementwise.gate(&gate, by: up, count: count * size.intermediateSize)
      layer.down.multiply(gate, count: count, into: &update, &workspace)
      Elementwise.add(update, count: count * size.hiddenSize, to: &hidden)
    }
    self.count += count
  }

  /// What some of the rows of `hidden` say of the next token.
  ///
  /// - Parameters:
  ///   - rows: Which rows.
  ///   - result: Shape `(rows.count, vocabularySize)`.
  mutating func computeLogits(of rows: Range<Int>, into result: inout [Float]) {
    // normalized: (rows.count, hiddenSize)
    Elementwise.normalize(
      hidden, rows: rows, by: model.weights.outputNorm.values,
      epsilon: model.configuration.normEpsilon, into: &normalized)
    model.weights.output.multiply(normalized, count: rows.count, into: &result, &workspace)
  }

  /// Attention: each token takes a mixture of the values of the tokens that it sees, by how well
  /// its query fits their keys.
  private mutating func attend(layer: Int, rows: Range<Int>) {
    let size = model.configuration
    let window = size.windows[layer] ?? .max
    // Keys from `start` on are seen by some token; the last token sees up to itself.
    let start = max(0, self.count + rows.lowerBound + 1 - window)
    let keyCount = self.count + rows.upperBound - start
    let group = size.headCount / size.keyValueHeadCount
    for head in 0..<size.headCount {
      // (rows.count, headSize), each row a part of one of (headCount, headSize)
      let place = MatrixPlace(
        offset: rows.lowerBound * size.querySize + head * size.headSize, rows: rows.count,
        columns: size.headSize, stride: size.querySize)
      // (keyCount, headSize), each row a part of one of (keyValueHeadCount, headSize)
      let cached = MatrixPlace(
        offset: start * size.keyValueSize + head / group * size.headSize, rows: keyCount,
        columns: size.headSize, stride: size.keyValueSize)
      // scores: (rows.count, keyCount)
      let table = MatrixPlace(rows: rows.count, columns: keyCount)
      BLAS.multiply(
        queries, place, transposed: cache.keys[layer], cached,
        scale: 1 / Float(size.headSize).squareRoot(), into: &scores, table)
      for (line, row) in rows.enumerated() {
        // The token sees itself and what stands before it, as far as its window reaches.
        let end = self.count + row + 1 - start
        let visible = max(0, end - window)..<end
        Elementwise.softmax(
          &scores, of: line * keyCount..<(line + 1) * keyCount, visible: visible)
      }
      // mixed: (rows.count, headSize) of this head
      BLAS.multiply(scores, table, cache.values[layer], cached, into: &mixed, place)
    }
  }
}
