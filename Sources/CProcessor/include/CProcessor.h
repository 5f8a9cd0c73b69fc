// SPDX-License-Identifier: Apache-2.0

#ifndef DIALECT_CPROCESSOR_H
#define DIALECT_CPROCESSOR_H

// What a processor can do and Swift has no words for.

/// Asks for the cache line at an address without waiting for it; any address may be named.
static inline void dialect_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
}

#endif
