// SPDX-License-Identifier: Apache-2.0

/// A text that a model reads or writes, token by token.
///
/// ```swift
/// var session = model.makeSession()
/// try session.append([1, 15043])
/// session.logits            // one number for each token of the vocabulary
/// ```
///
/// What the tokens so far have given is kept, so appending costs only the new ones.
public struct TransformerSession: ~Copyable, Sendable {
  /// The bytes of activations that a session aims at, whatever the size of the model.
  private static let activationBytes = 24 << 20
  /// Tokens beyond this do not make a product of matrices faster.
  private static let greatestRowLimit = 512
  /// Scores that attention keeps at a time in each thread: 4 MB.
  private static let scoreLimit = 1 << 20

  /// The model.
  public let model: Transformer
  /// Tokens so far.
  public internal(set) var count = 0
  /// What the model says of the next token; empty before the first.
  ///
  /// A number for each token of the vocabulary: the log of its probability, up to a constant.
  public private(set) var logits: [Float] = []

  /// Tokens that go through the layers together at most.
  let rowLimit: Int
  var workspace: Workspace
  var team: ThreadTeam { workspace.team }
  var rotation: Rotation
  var cache: KeyValueCache
  // The buffers of the forward pass, whose shapes stand there.
  var hidden: [Float]
  var normalized: [Float]
  var queries: [Float]
  var keys: [Float]
  var values: [Float]
  var scores: [Float] = []
  var mixed: [Float]
  var update: [Float]
  var gate: [Float]
  var up: [Float]

  init(_ model: Transformer, capacity: Int, threads: Int) {
    let size = model.configuration
    let rowSize =
      3 * size.hiddenSize + 2 * size.querySize + 2 * size.keyValueSize + 2 * size.intermediateSize
    let rows = min(
      capacity, Self.greatestRowLimit,
      max(16, Self.activationBytes / MemoryLayout<Float>.size / rowSize))
    self.model = model
    rowLimit = rows
    workspace = Workspace(threadCount: max(1, threads))
    rotation = Rotation(size.rotary, headSize: size.headSize)
    cache = KeyValueCache(size, capacity: capacity)
    func buffer(_ columns: Int) -> [Float] { Array(repeating: 0, count: rows * columns) }
    hidden = buffer(size.hiddenSize)
    normalized = buffer(size.hiddenSize)
    queries = buffer(size.querySize)
    keys = buffer(size.keyValueSize)
    values = buffer(size.keyValueSize)
    mixed = buffer(size.querySize)
    update = buffer(size.hiddenSize)
    gate = buffer(size.intermediateSize)
    up = buffer(size.intermediateSize)
  }

  /// Reads tokens; ``logits`` then tells of the one after them.
  ///
  /// - Parameter ids: At least one.
  /// - Throws: ``TransformerError`` for ids out of range, a context that is too long, or weights
  ///   that are no numbers. Nothing is read of ids that are refused.
  public mutating func append(_ ids: [UInt32]) throws(TransformerError) {
    var row = 0
    try read(ids) { session, rows throws(TransformerError) in row = rows.count - 1 }
    var next = [Float](repeating: 0, count: model.configuration.vocabularySize)
    computeLogits(of: row..<row + 1, into: &next)
    try checkFinite(next)
    logits = next
  }

  /// Reads tokens and gives what the model says after each.
  ///
  /// - Parameters:
  ///   - ids: At least one.
  ///   - body: Takes the index in `ids` and the logits after that token.
  /// - Throws: ``TransformerError`` as ``append(_:)`` does.
  public mutating func append(_ ids: [UInt32], _ body: (Int, Span<Float>) -> Void)
    throws(TransformerError)
  {
    let width = model.configuration.vocabularySize
    // Few rows at a time: a row for each token of a long text would be greater than the model.
    let height = max(1, min(16, rowLimit, (1 << 20) / width))
    var block = [Float](repeating: 0, count: height * width)
    var place = 0
    try read(ids) { session, rows throws(TransformerError) in
      for first in stride(from: 0, to: rows.count, by: height) {
        let end = min(first + height, rows.count)
        session.computeLogits(of: first..<end, into: &block)
        try session.checkFinite(block[..<((end - first) * width)])
        for row in 0..<end - first {
          body(place, block.span.extracting(row * width..<(row + 1) * width))
          place += 1
        }
      }
    }
    logits = Array(block[((ids.count - 1) % rowLimit % height * width)...].prefix(width))
  }

  /// Forgets all but the first tokens.
  ///
  /// - Parameter newCount: At most ``count``.
  public mutating func truncate(to newCount: Int) {
    precondition(0 <= newCount && newCount <= count, "only tokens that were read can be kept")
    cache.truncate(to: newCount)
    count = newCount
    logits = []
  }

  /// Runs ids through the layers, some at a time, and calls the body after each part.
  private mutating func read(
    _ ids: [UInt32],
    _ body: (inout TransformerSession, Range<Int>) throws(TransformerError) -> Void
  ) throws(TransformerError) {
    try check(ids)
    // The session's threads each compute their part of a product.
    BLAS.useThreads(1)
    for start in stride(from: 0, to: ids.count, by: rowLimit) {
      let rows = start..<min(start + rowLimit, ids.count)
      let keys = count + rows.count
      let needed = min(rows.count, attendedRows(keys: keys)) * keys * team.threadCount
      if scores.count < needed { scores = Array(repeating: 0, count: needed) }
      forward(ids[rows])
      try body(&self, rows)
    }
  }

  /// How many tokens attend to so many keys at a time.
  func attendedRows(keys: Int) -> Int {
    max(8, min(128, Self.scoreLimit / keys))
  }

  private func check(_ ids: [UInt32]) throws(TransformerError) {
    guard !ids.isEmpty else { throw TransformerError(.emptyPrompt) }
    let size = model.configuration
    guard ids.count <= size.contextLength - count else {
      throw TransformerError(
        .contextTooLong(needed: count + ids.count, limit: size.contextLength))
    }
    for (place, id) in ids.enumerated() where Int(id) >= size.vocabularySize {
      throw TransformerError(
        .unknownToken(id, place: count + place, vocabularySize: size.vocabularySize))
    }
  }

  /// Any weight that is no number reaches the logits; which one it is costs a search.
  private func checkFinite(_ logits: some Collection<Float>) throws(TransformerError) {
    guard !logits.allSatisfy(\.isFinite) else { return }
    throw model.source.locate(.notFinite(tensor: model.weights.firstNotFinite()))
  }
}
