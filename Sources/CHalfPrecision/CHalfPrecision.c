// SPDX-License-Identifier: Apache-2.0
#include "CHalfPrecision.h"

#include <string.h>

enum { lanes = 16, block = 32, block_bytes = 34 };
// Bytes by which memory is asked for before it is used.
enum { ahead = 1024 };
typedef float floats __attribute__((vector_size(4 * lanes)));
typedef uint32_t words __attribute__((vector_size(4 * lanes)));
typedef uint16_t halves __attribute__((vector_size(2 * lanes)));
typedef int8_t bytes __attribute__((vector_size(lanes)));

// Macros where functions that take vectors would have another ABI for each processor.
#define LOAD(type, from) \
  ({ \
    type loaded; \
    memcpy(&loaded, (from), sizeof loaded); \
    loaded; \
  })
#define SUM(values) \
  ({ \
    floats parts = (values); \
    for (int count = lanes / 2; count > 0; count /= 2) \
      for (int lane = 0; lane < count; lane++) parts[lane] += parts[lane + count]; \
    parts[0]; \
  })

static inline float widen_one_f16(uint16_t half) {
  uint32_t magnitude = half & 0x7FFF, sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t bits = (magnitude << 13) + (magnitude >= 0x7C00 ? 224u << 23 : 112u << 23);
  float value = (float)magnitude * 0x1p-24f;
  if (magnitude >= 0x0400) memcpy(&value, &bits, 4);
  return sign ? -value : value;
}

static inline float widen_one_bf16(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

#define HAS_F16 0
#define KERNEL(name) name##_anywhere
#include "HalfPrecisionKernels.h"
#undef KERNEL
#undef HAS_F16

#if defined(__x86_64__)
typedef _Float16 native_halves __attribute__((vector_size(2 * lanes)));
#define HAS_F16 1

#define KERNEL(name) name##_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "HalfPrecisionKernels.h"
#pragma clang attribute pop
#undef KERNEL

#define KERNEL(name) name##_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "HalfPrecisionKernels.h"
#pragma clang attribute pop
#undef KERNEL

#define CALL_BEST(name, ...) \
  if (__builtin_cpu_supports("x86-64-v4")) return name##_v4(__VA_ARGS__); \
  if (__builtin_cpu_supports("x86-64-v3")) return name##_v3(__VA_ARGS__); \
  name##_anywhere(__VA_ARGS__)
#else
#define CALL_BEST(name, ...) name##_anywhere(__VA_ARGS__)
#endif

void dialect_multiply_f16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  CALL_BEST(multiply_f16, weights, vector, result, rows, columns);
}

void dialect_multiply_bf16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  CALL_BEST(multiply_bf16, weights, vector, result, rows, columns);
}

void dialect_multiply_q8_0(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  CALL_BEST(multiply_q8_0, weights, vector, result, rows, columns);
}

void dialect_widen_f16(const void *weights, float *result, ptrdiff_t count) {
  CALL_BEST(widen_f16, weights, result, count);
}

void dialect_widen_bf16(const void *weights, float *result, ptrdiff_t count) {
  CALL_BEST(widen_bf16, weights, result, count);
}

void dialect_widen_q8_0(const void *weights, float *result, ptrdiff_t count) {
  CALL_BEST(widen_q8_0, weights, result, count);
}

void dialect_portable_multiply_f16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  multiply_f16_anywhere(weights, vector, result, rows, columns);
}

void dialect_portable_widen_f16(const void *weights, float *result, ptrdiff_t count) {
  widen_f16_anywhere(weights, result, count);
}
