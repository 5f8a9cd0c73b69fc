// SPDX-License-Identifier: Apache-2.0

#include "CProcessor.h"

#if defined(__x86_64__)
#include <immintrin.h>

/// Cuts the masks at the first byte that is not ASCII.
static inline int cut(uint64_t beyond_ascii, uint64_t masks[8]) {
  if (beyond_ascii == 0) return 64;
  int count = __builtin_ctzll(beyond_ascii);
  uint64_t kept = (1ull << count) - 1;
  for (int index = 0; index < 8; index++) masks[index] &= kept;
  return count;
}

/// One instruction looks 64 bytes up in a table of 128.
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static int classify_512(
    const uint8_t *text, const uint8_t *classes, uint64_t *masks) {
  __m512i bytes = _mm512_loadu_si512(text);
  __m512i found = _mm512_permutex2var_epi8(
      _mm512_loadu_si512(classes), bytes, _mm512_loadu_si512(classes + 64));
  for (int index = 0; index < 8; index++) {
    masks[index] = _mm512_test_epi8_mask(found, _mm512_set1_epi8((char)(1 << index)));
  }
  return cut(_mm512_movepi8_mask(bytes), masks);
}

/// Looks 32 bytes up in eight tables of 16, of which seven give zero.
__attribute__((target("avx2"))) static inline __m256i look_up(
    __m256i bytes, const uint8_t *classes) {
  __m256i found = _mm256_setzero_si256();
  for (int row = 0; row < 8; row++) {
    __m256i table =
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(classes + 16 * row)));
    // Bytes of the row become 0x70 to 0x7F, which index the table; others have the high bit set.
    __m256i place = _mm256_adds_epu8(
        _mm256_xor_si256(bytes, _mm256_set1_epi8((char)(row << 4))), _mm256_set1_epi8(0x70));
    found = _mm256_or_si256(found, _mm256_shuffle_epi8(table, place));
  }
  return found;
}

__attribute__((target("avx2"))) static int classify_256(
    const uint8_t *text, const uint8_t *classes, uint64_t *masks) {
  __m256i first = _mm256_loadu_si256((const __m256i *)text);
  __m256i second = _mm256_loadu_si256((const __m256i *)(text + 32));
  uint64_t beyond = (uint32_t)_mm256_movemask_epi8(first)
                    | (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << 32;
  __m256i low = look_up(first, classes), high = look_up(second, classes);
  for (int index = 7; index >= 0; index--) {
    masks[index] = (uint32_t)_mm256_movemask_epi8(low)
                   | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
    low = _mm256_add_epi8(low, low);
    high = _mm256_add_epi8(high, high);
  }
  return cut(beyond, masks);
}

bool dialect_can_classify(void) {
  return __builtin_cpu_supports("avx2");
}

int dialect_classify(const uint8_t *text, const uint8_t classes[128], uint64_t masks[8]) {
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw")) {
    return classify_512(text, classes, masks);
  }
  return classify_256(text, classes, masks);
}
#else
bool dialect_can_classify(void) {
  return false;
}

int dialect_classify(const uint8_t *text, const uint8_t classes[128], uint64_t masks[8]) {
  (void)text, (void)classes, (void)masks;
  return 0;
}
#endif
