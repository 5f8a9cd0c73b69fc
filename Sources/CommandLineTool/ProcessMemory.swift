// SPDX-License-Identifier: Apache-2.0

import CMalloc

/// What becomes of memory that is freed.
enum ProcessMemory {
  /// Keeps it, for whatever does the same many times.
  ///
  /// What one render or encoding frees, the next one takes; giving it back in between costs up to a
  /// fifth of the time. Loading a tokenizer had better come before: what that frees is not taken
  /// again.
  static func keepFreed() {
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
    mallopt(M_MMAP_THRESHOLD, 64 << 20)
  }
}
