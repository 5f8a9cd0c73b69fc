// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

// Arithmetic on weights that stay as small in memory as in their file, which BLAS has no routines
// for. Compiled once for each kind of processor; the program takes the best at start-up.

// result[r] = Σ weights[r][c] · vector[c] for a row-major matrix of `rows` · `columns`.
// Rows of q8_0 are blocks of 34 bytes: a float16 scale and 32 signed bytes; `columns` is a multiple
// of 32. Weights need no alignment.
void dialect_multiply_f16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns);
void dialect_multiply_bf16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns);
void dialect_multiply_q8_0(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns);

// The same numbers as float32, exactly.
void dialect_widen_f16(const void *weights, float *result, ptrdiff_t count);
void dialect_widen_bf16(const void *weights, float *result, ptrdiff_t count);
void dialect_widen_q8_0(const void *weights, float *result, ptrdiff_t count);

// What any processor can do, float16 by integer operations: the best where there is no other, and
// here to be held against the others.
void dialect_portable_multiply_f16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns);
void dialect_portable_widen_f16(const void *weights, float *result, ptrdiff_t count);
