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
        into: &normalized, team)
      // queries: (count, headCount, headSize); keys, values: (count, keyValueHeadCount, headSize)
      layer.query.multiply(normalized, count: count, into: &queries, &workspace)
      layer.key.multiply(normalized, count: count, into: &keys, &workspace)
      layer.value.multiply(normalized, count: count, into: &values, &workspace)
      if let norm = layer.queryNorm?.values {
        let rows = count * size.headCount
        Elementwise.normalize(&queries, rows: rows, by: norm, epsilon: epsilon, team)
      }
      if let norm = layer.keyNorm?.values {
        let rows = count * size.keyValueHeadCount
        Elementwise.normalize(&keys, rows: rows, by: norm, epsilon: epsilon, team)
      }
      rotation.turn(&queries, heads: size.headCount, team)
      rotation.turn(&keys, heads: size.keyValueHeadCount, team)
      // cache: (self.count + count, keyValueHeadCount, headSize) for each layer
      cache.append(keys, values, count: count, layer: index)
      // mixed: (count, headCount, headSize)
      attend(layer: index, count: count)
      // update, hidden: (count, hiddenSize)
      layer.attentionOutput.multiply(mixed, count: count, into: &update, &workspace)
      Elementwise.add(update, to: &hidden, rows: count, size: size.hiddenSize, team)

      Elementwise.normalize(
        hidden, rows: 0..<count, by: layer.feedForwardNorm.values, epsilon: epsilon,
        into: &normalized, team)
      // gate, up: (count, intermediateSize)
      layer.gate.multiply(normalized, count: count, into: &gate, &workspace)
      layer.up.multiply(normalized, count: count, into: &up, &workspace)
      Elementwise.gate(&gate, by: up, rows: count, size: size.intermediateSize, team)
      layer.down.multiply(gate, count: count, into: &update, &workspace)
      Elementwise.add(update, to: &hidden, rows: count, size: size.hiddenSize, team)
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
      epsilon: model.configuration.normEpsilon, into: &normalized, team)
    model.weights.output.multiply(normalized, count: rows.count, into: &result, &workspace)
  }

  /// Attention: each token takes a mixture of the values of the tokens that it sees, by how well
  /// its query fits their keys.
  ///
  /// Each head of some tokens is by itself: some tokens, so that few scores are computed of keys
  /// that they do not see.
  private mutating func attend(layer: Int, count: Int) {
    let (size, before) = (model.configuration, self.count)
    let (queries, keys, values) = (queries, cache.keys[layer], cache.values[layer])
    let window = size.windows[layer] ?? .max
    let group = size.headCount / size.keyValueHeadCount
    let height = attendedRows(keys: before + count)
    let blocks = (count + height - 1) / height
    // SAFETY: a part writes its head of its tokens.
    unsafe team.perform(
      parts: blocks * size.headCount, cost: count * (before + count) * size.querySize,
      writing: &mixed, scratch: &scores
    ) { part, mixed, scores in
      let (block, head) = part.quotientAndRemainder(dividingBy: size.headCount)
      let rows = block * height..<min((block + 1) * height, count)
      // Keys from `start` on are seen by some token; the last token sees up to itself.
      let start = max(0, before + rows.lowerBound + 1 - window)
      let keyCount = before + rows.upperBound - start
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
        queries.span, place, transposed: keys.span, cached,
        scale: 1 / Float(size.headSize).squareRoot(), into: &scores, table)
      for (line, row) in rows.enumerated() {
        // The token sees itself and what stands before it, as far as its window reaches.
        let end = before + row + 1 - start
        Elementwise.softmax(
          &scores, of: line * keyCount..<(line + 1) * keyCount,
          visible: max(0, end - window)..<end)
      }
      // mixed: (rows.count, headSize) of this head
      BLAS.multiply(scores.span, table, values.span, cached, into: &mixed, place)
    }
  }
}
