// SPDX-License-Identifier: Apache-2.0

import CHalfPrecision
import Glibc

extension WeightTensor {
  /// All numbers as float32; for tensors that are small.
  func values() -> [Float] {
    let count = shape.reduce(1, *)
    var values = [Float](repeating: 0, count: count)
    var all = values.mutableSpan
    widen(0..<count, into: &all)
    return values
  }

  /// Writes some of the numbers as float32, exactly.
  ///
  /// - Parameters:
  ///   - elements: Which; their ends are ends of blocks.
  ///   - result: As many numbers or more; the first are written.
  func widen(_ elements: Range<Int>, into result: inout MutableSpan<Float>) {
    precondition(elements.count <= result.count, "the numbers need room")
    let (size, width) = type.block
    unsafe withBytes { bytes in
      let start = elements.lowerBound / size * width
      precondition(start + elements.count / size * width <= bytes.count, "elements exist")
      unsafe result.withUnsafeMutableBufferPointer { target in
        guard !elements.isEmpty, let source = unsafe bytes.baseAddress?.advanced(by: start),
          let target = target.baseAddress
        else { return }
        // SAFETY: both preconditions hold as many numbers as are read and written.
        switch type {
        case .float32: unsafe memcpy(target, source, elements.count * width)
        case .float16: unsafe dialect_widen_f16(source, target, elements.count)
        case .bfloat16: unsafe dialect_widen_bf16(source, target, elements.count)
        case .q8_0: unsafe dialect_widen_q8_0(source, target, elements.count)
        }
      }
    }
  }

  /// Whether no number is NaN or infinite.
  var isFinite: Bool {
    let count = shape.reduce(1, *)
    var part = [Float](repeating: 0, count: min(count, 1 << 14))
    for start in stride(from: 0, to: count, by: 1 << 14) {
      let end = min(start + (1 << 14), count)
      var room = part.mutableSpan
      widen(start..<end, into: &room)
      guard part[..<(end - start)].allSatisfy(\.isFinite) else { return false }
    }
    return true
  }
}
