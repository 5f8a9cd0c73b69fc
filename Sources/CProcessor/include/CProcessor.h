// SPDX-License-Identifier: Apache-2.0

#ifndef DIALECT_CPROCESSOR_H
#define DIALECT_CPROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

// What a processor can do and Swift has no words for.

/// Asks for the cache line at an address without waiting for it; any address may be named.
static inline void dialect_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
}

/// Whether the processor can do what `dialect_classify` does.
bool dialect_can_classify(void);

/// Tells which of 64 bytes are in which of eight classes: bit i of mask k is set where byte i is in
/// class k.
///
/// `classes` has a byte for each ASCII byte, whose bit k says whether it is in class k. From the
/// first byte on that is not ASCII masks have no bits; its place, or 64, is the answer.
int dialect_classify(const uint8_t *text, const uint8_t classes[128], uint64_t masks[8]);

#endif
