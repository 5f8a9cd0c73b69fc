// SPDX-License-Identifier: Apache-2.0

// The kernels of CHalfPrecision.c, which includes this once for each kind of processor:
// KERNEL(name) makes a name, and HAS_F16 tells that the processor converts float16 by itself.

// float16: a sign, 5 bits of exponent with bias 15, 10 of fraction. By hand, the exponent's bias
// becomes 127; infinities and NaN keep an exponent of all ones, and subnormals are their integer
// times 2^-24.
#if HAS_F16
#define WIDEN_F16(source) __builtin_convertvector((native_halves)(source), floats)
#else
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
#endif

// bfloat16 is the upper half of a float32.
#define WIDEN_BF16(source) ((floats)(__builtin_convertvector(source, words) << 16))

// Four sums, so that an addition need not wait for the one before; and the row is asked for well
// ahead, since a processor's own guesses end at every page.
#define MULTIPLY(WIDEN, widen_one) \
  for (ptrdiff_t r = 0; r < rows; r++) { \
    const char *row = (const char *)weights + 2 * r * columns; \
    floats sums[4] = {0}; \
    ptrdiff_t c = 0; \
    for (; c + 4 * lanes <= columns; c += 4 * lanes) { \
      __builtin_prefetch(row + 2 * c + ahead); \
      __builtin_prefetch(row + 2 * c + ahead + 64); \
      for (int i = 0; i < 4; i++) { \
        ptrdiff_t place = c + i * lanes; \
        sums[i] += WIDEN(LOAD(halves, row + 2 * place)) * LOAD(floats, vector + place); \
      } \
    } \
    for (; c + lanes <= columns; c += lanes) \
      sums[0] += WIDEN(LOAD(halves, row + 2 * c)) * LOAD(floats, vector + c); \
    float total = SUM((sums[0] + sums[1]) + (sums[2] + sums[3])); \
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

static void KERNEL(multiply_f16)(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  MULTIPLY(WIDEN_F16, widen_one_f16)
}

static void KERNEL(multiply_bf16)(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  MULTIPLY(WIDEN_BF16, widen_one_bf16)
}

static void KERNEL(multiply_q8_0)(
    const void *weights, const float *vector, float *result, ptrdiff_t rows, ptrdiff_t columns) {
  const char *source = weights;
  for (ptrdiff_t r = 0; r < rows; r++) {
    floats total = {0};
    for (ptrdiff_t c = 0; c < columns; c += block, source += block_bytes) {
      __builtin_prefetch(source + ahead);
      floats part = __builtin_convertvector(LOAD(bytes, source + 2), floats)
          * LOAD(floats, vector + c);
      part += __builtin_convertvector(LOAD(bytes, source + 2 + lanes), floats)
          * LOAD(floats, vector + c + lanes);
      total += part * widen_one_f16(LOAD(uint16_t, source));
    }
    result[r] = SUM(total);
  }
}

static void KERNEL(widen_f16)(const void *weights, float *result, ptrdiff_t count) {
  WIDEN_ALL(WIDEN_F16, widen_one_f16)
}

static void KERNEL(widen_bf16)(const void *weights, float *result, ptrdiff_t count) {
  WIDEN_ALL(WIDEN_BF16, widen_one_bf16)
}

static void KERNEL(widen_q8_0)(const void *weights, float *result, ptrdiff_t count) {
  const char *source = weights;
  for (ptrdiff_t i = 0; i < count; i += block, source += block_bytes) {
    float scale = widen_one_f16(LOAD(uint16_t, source));
    for (int k = 0; k < block; k++) result[i + k] = (float)LOAD(int8_t, source + 2 + k) * scale;
  }
}

#undef WIDEN_F16
#undef WIDEN_BF16
#undef MULTIPLY
#undef WIDEN_ALL
