// SPDX-License-Identifier: Apache-2.0

#ifndef DIALECT_CPREFETCH_H
#define DIALECT_CPREFETCH_H

/// Asks for the cache line at an address without waiting for it; any address may be named.
static inline void dialect_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
}

#endif
