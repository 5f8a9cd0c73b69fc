// SPDX-License-Identifier: Apache-2.0

#ifndef DIALECT_COPENBLAS_H
#define DIALECT_COPENBLAS_H

#include <stdbool.h>

/// Whether an operand is used as it is stored, by CBLAS's numbers.
enum dialect_transpose { DIALECT_PLAIN = 111, DIALECT_TRANSPOSED = 112 };

/// The routines of OpenBLAS that are used; matrices are row-major.
///
/// The library is loaded when they are first asked for, not when the program starts, which would
/// cost every run of the tool some milliseconds for threads and kernels that few runs need.
struct dialect_blas {
  /// result (m, n) = scale · left (m, k) · right (k, n)
  void (*multiply)(int order, int transposes_left, int transposes_right, int m, int n, int k,
                   float scale, const float *left, int left_stride, const float *right,
                   int right_stride, float keep, float *result, int result_stride);
  /// result = scale · matrix (rows, columns) · vector
  void (*multiply_vector)(int order, int transposes, int rows, int columns, float scale,
                          const float *matrix, int stride, const float *vector, int vector_step,
                          float keep, float *result, int result_step);
  void (*set_thread_count)(int count);
  int (*thread_count)(void);
};

/// CBLAS's number of row-major order.
enum { DIALECT_ROW_MAJOR = 101 };

/// Loads the library; false where there is none.
bool dialect_blas_load(struct dialect_blas *routines);

#endif
