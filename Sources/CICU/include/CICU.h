// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

// The few calls into ICU that the project makes, under names of its own. ICU's headers must not
// reach Swift: they rename every symbol per version, and Foundation brings a newer copy of them.
// Every `status` is an ICU error code: 0 is fine, a positive number an error.

// The Unicode version of the ICU in use.
void dialect_unicode_version(uint8_t *major, uint8_t *minor);

// Normalization data. `is_compatibility` chooses NFKC/NFKD's tables over NFC/NFD's.

// Writes the full decomposition of a scalar, at most 18 scalars; returns how many, or 0 where the
// scalar is its own decomposition.
int32_t dialect_decomposition(uint32_t scalar, int is_compatibility, uint32_t *result);
// The scalar that two scalars compose to, or 0.
uint32_t dialect_composition(uint32_t first, uint32_t second);
uint8_t dialect_combining_class(uint32_t scalar);
// For the scalars from `first` on, writes 0 for those that normalization to the form (0 NFC, 1 NFD,
// 2 NFKC, 3 NFKD) keeps and does not move, the combining class of those that it may move, and 255
// for those that it may change. A scalar younger than the version counts as one without properties.
void dialect_normalization_kinds(
    int form, int major, int minor, uint32_t first, uint32_t count, uint8_t *kinds);
// Whether the scalar was assigned in that version.
int dialect_is_assigned(uint32_t scalar, int major, int minor);

// Regular expressions over UTF-8.
typedef struct dialect_regex dialect_regex;

// Compiles a pattern. On error returns NULL, with the place counted in scalars, or -1.
dialect_regex *dialect_regex_open(
    const char *pattern, int64_t length, int64_t *error_scalar, int32_t *status);
void dialect_regex_close(dialect_regex *regex);
// A regex of the same pattern for use beside the first; matching needs one per thread.
dialect_regex *dialect_regex_clone(const dialect_regex *regex, int32_t *status);
// Sets the text, which must stay in place until the next call of this or of close.
void dialect_regex_set_text(
    dialect_regex *regex, const char *text, int64_t length, int32_t time_limit,
    int32_t stack_limit, int32_t *status);
// Finds the first match at or after a byte offset; returns 1 and its byte range, or 0.
int dialect_regex_find(
    dialect_regex *regex, int64_t from, int64_t *start, int64_t *end, int32_t *status);
// ICU's name of an error code, such as U_REGEX_TIME_OUT.
const char *dialect_error_name(int32_t status);

// Grapheme clusters.
typedef struct dialect_graphemes dialect_graphemes;
dialect_graphemes *dialect_graphemes_open(const char *text, int64_t length, int32_t *status);
// The end of the next cluster, or -1.
int64_t dialect_graphemes_next(dialect_graphemes *graphemes);
void dialect_graphemes_close(dialect_graphemes *graphemes);
