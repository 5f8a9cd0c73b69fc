// SPDX-License-Identifier: Apache-2.0
#include "CHalfPrecision.h"

#include <string.h>

#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

enum { lanes = 16, block = 32, block_bytes = 34 };
typedef float floats __attribute__((vector_size(4 * lanes)));
typedef uint32_t words __attribute__((vector_size(4 * lanes)));
typedef uint16_t halves __attribute__((vector_size(2 * lanes)));
typedef int8_t bytes __attribute__((vector_size(lanes)));

// A macro where a function that takes vectors would have another ABI for each processor.
#define LOAD(type, from) \
  ({ \
    type loaded; \
    memcpy(&loaded, (from), sizeof loaded); \
    loaded; \
  })

// float16: a sign, 5 bits of exponent with bias 15, 10 of fraction. The exponent's bias becomes 127;
// infinities and NaN keep an exponent of all ones, and subnormals are their integer times 2^-24.
#define WIDEN_F16(source) \
  ({ \
    words half = __builtin_convertvector(source, words); \
    words magnitude = half & 0x7FFF; \
    words normal = (magnitude << 13) + (112u << 23); \
    normal += (words)(magnitude >= 0x7C00) & (112u << 23); \
    words small = (words)(magnitude < 0x0400); \
    words subnormal = (words)(__builtin_convertvector(magnitude, floats) * 0x1p-24f); \
    (floats)((half & 0x8000) << 16 | (subnormal & small) | (normal & ~small)); \
  })

// bfloat16 is the upper half of a float32.
#define WIDEN_BF16(source) ((floats)(__builtin_convertvector(source, words) << 16))

static inline float sum(const float *values) {
  float total = 0;
  for (int i = 0; i < lanes; i++) total += values[i];
  return total;
}

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

// Two sums, so that an addition need not wait for the one before.
#define MULTIPLY(WIDEN, widen_one) \
  for (ptrdiff_t r = 0; r < rows; r++) { \
    const char *row = (const char *)weights + 2 * r * columns; \
    floats one = {0}, two = {0}; \
    ptrdiff_t c = 0; \
    for (; c + 2 * lanes <= columns; c += 2 * lanes) { \
      one += WIDEN(LOAD(halves, row + 2 * c)) * LOAD(floats, vector + c); \
      two += WIDEN(LOAD(halves, row + 2 * (c + lanes))) * LOAD(floats, vector + c + lanes); \
    } \
    one += two; \
    float parts[lanes]; \
    memcpy(parts, &one, sizeof parts); \
    float total = sum(parts); \
    for (; c < columns; c++) total += widen_one(LOAD(uint16_t, row + 2 * c)) * vector[c]; \
    result[r] = total; \
  }

#define WIDEN_ALL(WIDEN, widen_one) \
  const char *source = weights; \
  ptrdiff_t i = 0; \
  for (; i + lanes <= count; i += lanes) { \
    floats wide = WIDEN(LOAD(halves, source + 2 * i)); \
    memcpy(result + i, &wide, sizeof wide); \
  } \
  for (; i < count; i++) result[i] = widen_one(LOAD(uint16_t, source + 2 * i));

FOR_EACH_PROCESSOR
void dialect_multiply_f16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  MULTIPLY(WIDEN_F16, widen_one_f16)
}

FOR_EACH_PROCESSOR
void dialect_multiply_bf16(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  MULTIPLY(WIDEN_BF16, widen_one_bf16)
}

FOR_EACH_PROCESSOR
void dialect_multiply_q8_0(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  const char *source = weights;
  for (ptrdiff_t r = 0; r < rows; r++) {
    floats total = {0};
    for (ptrdiff_t c = 0; c < columns; c += block, source += block_bytes) {
      floats part = __builtin_convertvector(LOAD(bytes, source + 2), floats)
          * LOAD(floats, vector + c);
      part += __builtin_convertvector(LOAD(bytes, source + 2 + lanes), floats)
          * LOAD(floats, vector + c + lanes);
      total += part * widen_one_f16(LOAD(uint16_t, source));
    }
    float parts[lanes];
    memcpy(parts, &total, sizeof parts);
    result[r] = sum(parts);
  }
}

FOR_EACH_PROCESSOR
void dialect_widen_f16(const void *weights, float *result, ptrdiff_t count) {
  WIDEN_ALL(WIDEN_F16, widen_one_f16)
}

FOR_EACH_PROCESSOR
void dialect_widen_bf16(const void *weights, float *result, ptrdiff_t count) {
  WIDEN_ALL(WIDEN_BF16, widen_one_bf16)
}

FOR_EACH_PROCESSOR
void dialect_widen_q8_0(const void *weights, float *result, ptrdiff_t count) {
  const char *source = weights;
  for (ptrdiff_t i = 0; i < count; i += block, source += block_bytes) {
    float scale = widen_one_f16(LOAD(uint16_t, source));
    for (int k = 0; k < block; k++) result[i + k] = (float)LOAD(int8_t, source + 2 + k) * scale;
  }
}
