// SPDX-License-Identifier: Apache-2.0

import CHalfPrecision

/// A linear map: a row of weights for each output, and a bias where the model has one.
struct WeightMatrix: Sendable {
  /// Shape `(rows, columns)`.
  let tensor: WeightTensor
  let biasTensor: WeightTensor?
  /// Shape `(rows)`.
  private let bias: [Float]?

  /// Outputs.
  var rows: Int { tensor.shape[0] }
  /// Inputs.
  var columns: Int { tensor.shape[1] }

  init(_ tensor: WeightTensor, bias: WeightTensor?) {
    self.tensor = tensor
    biasTensor = bias
    self.bias = bias?.values()
  }

  /// Writes one row as float32; this is how an embedding is looked up.
  func copyRow(_ row: Int, into result: inout [Float], at place: Int) {
    var room = result.mutableSpan
    room.withPart(place..<place + columns) { target in
      tensor.widen(row * columns..<(row + 1) * columns, into: &target)
    }
  }

  /// `output = input · weightsᵀ + bias`; each thread computes some of the outputs.
  ///
  /// - Parameters:
  ///   - input: Shape `(count, columns)`.
  ///   - count: Rows of input: tokens.
  ///   - output: Shape `(count, rows)`.
  ///   - workspace: Threads, and room for weights that must be widened.
  func multiply(
    _ input: [Float], count: Int, into output: inout [Float], _ workspace: inout Workspace
  ) {
    precondition(input.count >= count * columns && output.count >= count * rows)
    if tensor.type == .float32 {
      multiplyInPlace(input, count, &output, workspace.team)
    } else if count == 1 {
      multiplyVector(input, &output, workspace.team)
    } else {
      multiplyWidened(input, count, &output, &workspace)
    }
    if let bias { Elementwise.addToEach(bias, &output, rows: count, workspace.team) }
  }

  /// Float32 weights are used where they lie in the file.
  private func multiplyInPlace(
    _ input: [Float], _ count: Int, _ output: inout [Float], _ team: ThreadTeam
  ) {
    let parts = team.partCount(rows: rows, perThread: count == 1 ? 4 : 1)
    unsafe tensor.withBytes { bytes in
      unsafe bytes.withMemoryRebound(to: Float.self) { weights in
        let weights = unsafe weights
        // SAFETY: a part computes outputs of its own.
        unsafe team.perform(parts: parts, cost: count * rows * columns, writing: &output) {
          part, output in
          let share = ThreadTeam.share(part, of: parts, rows)
          unsafe BLAS.multiply(
            input.span, MatrixPlace(rows: count, columns: columns),
            transposed: weights.span,
            MatrixPlace(offset: share.lowerBound * columns, rows: share.count, columns: columns),
            into: &output, place(of: share, count))
        }
      }
    }
  }

  /// One token and small weights: they are widened in registers.
  private func multiplyVector(_ input: [Float], _ output: inout [Float], _ team: ThreadTeam) {
    let parts = team.partCount(rows: rows, perThread: 4)
    let (size, width) = tensor.type.block
    let rowBytes = columns / size * width
    unsafe tensor.withBytes { bytes in
      let bytes = unsafe bytes
      // SAFETY: a part reads whole rows of the tensor, and computes outputs of its own.
      unsafe team.perform(parts: parts, cost: rows * columns, writing: &output) { part, output in
        let share = ThreadTeam.share(part, of: parts, rows)
        unsafe output.withUnsafeMutableBufferPointer { result in
          unsafe input.withUnsafeBufferPointer { vector in
            guard let vector = vector.baseAddress,
              let result = unsafe result.baseAddress?.advanced(by: share.lowerBound),
              let weights = unsafe bytes.baseAddress?.advanced(by: share.lowerBound * rowBytes)
            else { return }
            let count = share.count
            switch tensor.type {
            case .float32: break
            case .float16: unsafe dialect_multiply_f16(weights, vector, result, count, columns)
            case .bfloat16: unsafe dialect_multiply_bf16(weights, vector, result, count, columns)
            case .q8_0: unsafe dialect_multiply_q8_0(weights, vector, result, count, columns)
            }
          }
        }
      }
    }
  }

  /// Many tokens and small weights: some rows at a time become float32 for BLAS.
  private func multiplyWidened(
    _ input: [Float], _ count: Int, _ output: inout [Float], _ workspace: inout Workspace
  ) {
    let team = workspace.team
    let height = max(1, min(rows, Workspace.widenedCount / columns))
    let parts = max(
      (rows + height - 1) / height, team.partCount(rows: rows, perThread: 1))
    workspace.makeRoom(height * columns)
    // SAFETY: a part computes outputs of its own.
    unsafe team.perform(
      parts: parts, cost: count * rows * columns, writing: &output, scratch: &workspace.widened
    ) { part, output, widened in
      let share = ThreadTeam.share(part, of: parts, rows)
      tensor.widen(share.lowerBound * columns..<share.upperBound * columns, into: &widened)
      BLAS.multiply(
        input.span, MatrixPlace(rows: count, columns: columns),
        transposed: widened.span, MatrixPlace(rows: share.count, columns: columns),
        into: &output, place(of: share, count))
    }
  }

  /// Where some outputs of all tokens stand.
  private func place(of share: Range<Int>, _ count: Int) -> MatrixPlace {
    MatrixPlace(offset: share.lowerBound, rows: count, columns: share.count, stride: rows)
  }
}

/// What products of matrices need beside their operands.
struct Workspace: Sendable {
  /// Floats that a thread widens at a time: 2 MB, which stay in the cache.
  static let widenedCount = 1 << 19

  let team: ThreadTeam
  /// A share for each thread.
  fileprivate(set) var widened: [Float] = []

  init(threadCount: Int) {
    team = ThreadTeam(threadCount: threadCount)
  }

  /// Makes each thread's share no smaller than this.
  fileprivate mutating func makeRoom(_ count: Int) {
    if widened.count < count * team.threadCount {
      widened = [Float](repeating: 0, count: count * team.threadCount)
    }
  }
}
