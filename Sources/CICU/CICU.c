// SPDX-License-Identifier: Apache-2.0
#if !__has_include(<unicode/utypes.h>)
#error "ICU's headers are missing: install libicu-dev"
#endif
#include "CICU.h"

#include <stdlib.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uregex.h>
#include <unicode/utext.h>

void dialect_unicode_version(uint8_t *major, uint8_t *minor) {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  *major = version[0];
  *minor = version[1];
}

int32_t dialect_decomposition(uint32_t scalar, int is_compatibility, uint32_t *result) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *normalizer =
      is_compatibility ? unorm2_getNFKDInstance(&status) : unorm2_getNFDInstance(&status);
  if (U_FAILURE(status)) return 0;
  UChar units[40];
  int32_t length = unorm2_getDecomposition(normalizer, (UChar32)scalar, units, 40, &status);
  if (U_FAILURE(status) || length < 0) return 0;
  int32_t count = 0;
  for (int32_t i = 0; i < length && count < 18;) {
    UChar32 next;
    U16_NEXT(units, i, length, next);
    result[count++] = (uint32_t)next;
  }
  return count;
}

uint32_t dialect_composition(uint32_t first, uint32_t second) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *normalizer = unorm2_getNFCInstance(&status);
  if (U_FAILURE(status)) return 0;
  UChar32 composed = unorm2_composePair(normalizer, (UChar32)first, (UChar32)second);
  return composed < 0 ? 0 : (uint32_t)composed;
}

uint8_t dialect_combining_class(uint32_t scalar) {
  return u_getCombiningClass((UChar32)scalar);
}

int dialect_is_assigned(uint32_t scalar, int major, int minor) {
  UVersionInfo age;
  u_charAge((UChar32)scalar, age);
  return age[0] != 0 && (age[0] < major || (age[0] == major && age[1] <= minor));
}

void dialect_normalization_kinds(
    int form, int major, int minor, uint32_t first, uint32_t count, uint8_t *kinds) {
  static const UProperty properties[] = {
      UCHAR_NFC_QUICK_CHECK, UCHAR_NFD_QUICK_CHECK, UCHAR_NFKC_QUICK_CHECK,
      UCHAR_NFKD_QUICK_CHECK};
  for (uint32_t i = 0; i < count; i++) {
    UChar32 scalar = (UChar32)(first + i);
    uint8_t kind = u_getCombiningClass(scalar);
    if (u_getIntPropertyValue(scalar, properties[form & 3]) != UNORM_YES) kind = 255;
    if (kind != 0 && !dialect_is_assigned((uint32_t)scalar, major, minor)) kind = 0;
    kinds[i] = kind;
  }
}

struct dialect_regex {
  URegularExpression *expression;
  UText *text;
};

static dialect_regex *wrap(URegularExpression *expression, int32_t *status) {
  dialect_regex *regex = calloc(1, sizeof *regex);
  if (!regex) {
    uregex_close(expression);
    *status = U_MEMORY_ALLOCATION_ERROR;
    return NULL;
  }
  regex->expression = expression;
  return regex;
}

dialect_regex *dialect_regex_open(
    const char *pattern, int64_t length, int64_t *error_scalar, int32_t *status) {
  UErrorCode error = U_ZERO_ERROR;
  UParseError place = {.line = 0, .offset = -1};
  *error_scalar = -1;
  UText *text = utext_openUTF8(NULL, pattern, length, &error);
  URegularExpression *expression = uregex_openUText(text, 0, &place, &error);
  utext_close(text);
  *status = error;
  if (U_FAILURE(error)) {
    // Patterns are compiled without comments, so that ICU counts them as one line.
    *error_scalar = place.offset;
    uregex_close(expression);
    return NULL;
  }
  return wrap(expression, status);
}

void dialect_regex_close(dialect_regex *regex) {
  if (!regex) return;
  uregex_close(regex->expression);
  utext_close(regex->text);
  free(regex);
}

dialect_regex *dialect_regex_clone(const dialect_regex *regex, int32_t *status) {
  UErrorCode error = U_ZERO_ERROR;
  URegularExpression *expression = uregex_clone(regex->expression, &error);
  *status = error;
  return U_FAILURE(error) ? NULL : wrap(expression, status);
}

void dialect_regex_set_text(
    dialect_regex *regex, const char *text, int64_t length, int32_t time_limit,
    int32_t stack_limit, int32_t *status) {
  UErrorCode error = U_ZERO_ERROR;
  regex->text = utext_openUTF8(regex->text, text, length, &error);
  uregex_setTimeLimit(regex->expression, time_limit, &error);
  uregex_setStackLimit(regex->expression, stack_limit, &error);
  uregex_setUText(regex->expression, regex->text, &error);
  *status = error;
}

int dialect_regex_find(
    dialect_regex *regex, int64_t from, int64_t *start, int64_t *end, int32_t *status) {
  UErrorCode error = U_ZERO_ERROR;
  UBool found = uregex_find64(regex->expression, from, &error);
  if (found && U_SUCCESS(error)) {
    *start = uregex_start64(regex->expression, 0, &error);
    *end = uregex_end64(regex->expression, 0, &error);
  }
  *status = error;
  return found && U_SUCCESS(error);
}

const char *dialect_error_name(int32_t status) { return u_errorName((UErrorCode)status); }

struct dialect_graphemes {
  UBreakIterator *iterator;
  UText *text;
};

dialect_graphemes *dialect_graphemes_open(const char *text, int64_t length, int32_t *status) {
  UErrorCode error = U_ZERO_ERROR;
  dialect_graphemes *graphemes = calloc(1, sizeof *graphemes);
  if (!graphemes) {
    *status = U_MEMORY_ALLOCATION_ERROR;
    return NULL;
  }
  graphemes->text = utext_openUTF8(NULL, text, length, &error);
  graphemes->iterator = ubrk_open(UBRK_CHARACTER, "en", NULL, 0, &error);
  if (U_SUCCESS(error)) {
    ubrk_setUText(graphemes->iterator, graphemes->text, &error);
    ubrk_first(graphemes->iterator);
  }
  *status = error;
  if (U_FAILURE(error)) {
    dialect_graphemes_close(graphemes);
    return NULL;
  }
  return graphemes;
}

int64_t dialect_graphemes_next(dialect_graphemes *graphemes) {
  int32_t end = ubrk_next(graphemes->iterator);
  return end == UBRK_DONE ? -1 : end;
}

void dialect_graphemes_close(dialect_graphemes *graphemes) {
  if (!graphemes) return;
  if (graphemes->iterator) ubrk_close(graphemes->iterator);
  utext_close(graphemes->text);
  free(graphemes);
}
