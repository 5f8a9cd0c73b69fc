// SPDX-License-Identifier: Apache-2.0

import CHalfPrecision
import Dispatch

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
    tensor.widen(row * columns..<(row + 1) * columns, into: &result, at: place)
  }

  /// `output = input · weightsᵀ + bias`.
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
      multiplyInPlace(input, count, &output)
    } else if count == 1 {
      multiplyVector(input, &output, threads: workspace.threadCount)
    } else {
      multiplyWidened(input, count, &output, &workspace)
    }
    guard let bias else { return }
    for row in 0..<count { Elementwise.add(bias, to: &output, at: row * rows) }
  }

  /// Float32 weights are used where they lie in the file.
  private func multiplyInPlace(_ input: [Float], _ count: Int, _ output: inout [Float]) {
    unsafe tensor.withBytes { bytes in
      unsafe bytes.withMemoryRebound(to: Float.self) { weights in
        unsafe BLAS.multiply(
          input.span, .init(rows: count, columns: columns),
          transposed: weights.span, .init(rows: rows, columns: columns),
          into: &output, .init(rows: count, columns: rows))
      }
    }
  }

  /// One token and small weights: they are widened in registers, a share of rows a thread.
  private func multiplyVector(_ input: [Float], _ output: inout [Float], threads: Int) {
    // Below this a thread costs more than it brings.
    let shares = max(1, min(threads, rows * columns >> 16))
    let share = (rows + shares - 1) / shares
    let (size, width) = tensor.type.block
    let rowBytes = columns / size * width
    unsafe tensor.withBytes { bytes in
      unsafe input.withUnsafeBufferPointer { vector in
        unsafe output.withUnsafeMutableBufferPointer { result in
          // SAFETY: the addresses are valid for this call, which ends after all shares; a share
          // reads whole rows of the tensor and writes results that are its own.
          let weightAddress = UInt(bitPattern: bytes.baseAddress)
          let vectorAddress = UInt(bitPattern: vector.baseAddress)
          let resultAddress = UInt(bitPattern: result.baseAddress)
          let (kind, rows, columns) = (tensor.type, rows, columns)
          DispatchQueue.concurrentPerform(iterations: shares) { index in
            let first = index * share
            let count = min(share, rows - first)
            guard count > 0,
              let weights = unsafe UnsafeRawPointer(
                bitPattern: weightAddress + UInt(first * rowBytes)),
              let vector = unsafe UnsafePointer<Float>(bitPattern: vectorAddress),
              let result = unsafe UnsafeMutablePointer<Float>(
                bitPattern: resultAddress + UInt(first * MemoryLayout<Float>.size))
            else { return }
            switch kind {
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
    let height = max(1, min(rows, Workspace.widenedCount / columns))
    if workspace.widened.count < height * columns {
      workspace.widened = [Float](repeating: 0, count: height * columns)
    }
    for first in stride(from: 0, to: rows, by: height) {
      let end = min(first + height, rows)
      tensor.widen(first * columns..<end * columns, into: &workspace.widened, at: 0)
      BLAS.multiply(
        input, .init(rows: count, columns: columns),
        transposed: workspace.widened, .init(rows: end - first, columns: columns),
        into: &output, .init(offset: first, rows: count, columns: end - first, stride: rows))
    }
  }
}

/// What products of matrices need beside their operands.
struct Workspace: Sendable {
  /// Floats that are widened at a time: 4 MB, which stay in the cache.
  static let widenedCount = 1 << 20

  var threadCount: Int
  var widened: [Float] = []
}
