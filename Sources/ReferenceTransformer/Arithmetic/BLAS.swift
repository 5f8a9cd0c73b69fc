// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// Where a row-major matrix lies in an array of floats.
struct MatrixPlace {
  /// The index of the first element.
  var offset = 0
  var rows: Int
  var columns: Int
  /// Elements from one row to the next.
  var stride: Int

  init(offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// One past the last element.
  fileprivate var end: Int { rows == 0 ? offset : offset + (rows - 1) * stride + columns }
}

/// The few routines of OpenBLAS that are used; the library is loaded when the first of them is.
///
/// Sizes fit its 32-bit integers, since a configuration beyond them is refused.
enum BLAS {
  /// Whether the library is there; a model cannot be loaded without it.
  static var isAvailable: Bool { routines != nil }

  private static let routines: dialect_blas? = {
    var routines = dialect_blas()
    return unsafe dialect_blas_load(&routines) ? routines : nil
  }()

  /// Sets how many threads the routines use; the setting is the process's.
  static func useThreads(_ count: Int) {
    let wanted = Int32(clamping: max(1, count))
    guard let routines else { return }
    if routines.thread_count() != wanted { routines.set_thread_count(wanted) }
  }

  /// `result = scale · left · rightᵀ` for shapes `(m, k)`, `(n, k)` and `(m, n)`.
  static func multiply(
    _ left: Span<Float>, _ leftPlace: MatrixPlace, transposed right: Span<Float>,
    _ rightPlace: MatrixPlace, scale: Float = 1, into result: inout MutableSpan<Float>,
    _ resultPlace: MatrixPlace
  ) {
    let (m, n, k) = (leftPlace.rows, rightPlace.rows, leftPlace.columns)
    precondition(rightPlace.columns == k && resultPlace.rows == m && resultPlace.columns == n)
    unsafe withPointers(left, leftPlace, right, rightPlace, &result, resultPlace) { a, b, c in
      if m == 1 {
        unsafe routines?.multiply_vector(
          rowMajor, plain, Int32(n), Int32(k), scale, b, Int32(rightPlace.stride),
          a, 1, 0, c, 1)
      } else {
        unsafe routines?.multiply(
          rowMajor, plain, transposed, Int32(m), Int32(n), Int32(k), scale,
          a, Int32(leftPlace.stride), b, Int32(rightPlace.stride), 0, c,
          Int32(resultPlace.stride))
      }
    }
  }

  /// `result = left · right` for shapes `(m, k)`, `(k, n)` and `(m, n)`.
  static func multiply(
    _ left: Span<Float>, _ leftPlace: MatrixPlace, _ right: Span<Float>,
    _ rightPlace: MatrixPlace, into result: inout MutableSpan<Float>, _ resultPlace: MatrixPlace
  ) {
    let (m, n, k) = (leftPlace.rows, rightPlace.columns, leftPlace.columns)
    precondition(rightPlace.rows == k && resultPlace.rows == m && resultPlace.columns == n)
    unsafe withPointers(left, leftPlace, right, rightPlace, &result, resultPlace) { a, b, c in
      if m == 1 {
        unsafe routines?.multiply_vector(
          rowMajor, transposed, Int32(k), Int32(n), 1, b, Int32(rightPlace.stride),
          a, 1, 0, c, 1)
      } else {
        unsafe routines?.multiply(
          rowMajor, plain, plain, Int32(m), Int32(n), Int32(k), 1,
          a, Int32(leftPlace.stride), b, Int32(rightPlace.stride), 0, c,
          Int32(resultPlace.stride))
      }
    }
  }

  private static var rowMajor: Int32 { Int32(DIALECT_ROW_MAJOR) }
  private static var plain: Int32 { Int32(DIALECT_PLAIN.rawValue) }
  private static var transposed: Int32 { Int32(DIALECT_TRANSPOSED.rawValue) }

  /// Gives the first elements of matrices that lie inside their arrays.
  private static func withPointers(
    _ left: Span<Float>, _ leftPlace: MatrixPlace, _ right: Span<Float>,
    _ rightPlace: MatrixPlace, _ result: inout MutableSpan<Float>, _ resultPlace: MatrixPlace,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    // SAFETY: OpenBLAS reads and writes what the places say, and these lie inside.
    precondition(
      leftPlace.end <= left.count && rightPlace.end <= right.count
        && resultPlace.end <= result.count, "a matrix reaches out of its array")
    unsafe left.withUnsafeBufferPointer { a in
      unsafe right.withUnsafeBufferPointer { b in
        unsafe result.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          unsafe body(a + leftPlace.offset, b + rightPlace.offset, c + resultPlace.offset)
        }
      }
    }
  }
}
