// SPDX-License-Identifier: Apache-2.0
#ifndef DIALECT_VOCABULARY_LIBRARY_H
#define DIALECT_VOCABULARY_LIBRARY_H

#include <stddef.h>

/// The tokenizer.json of a vocabulary in this folder.
/// Sets `*size` to the number of bytes; they are constants of the program.
const unsigned char *dialect_vocabulary_byte_level(ptrdiff_t *size);
const unsigned char *dialect_vocabulary_metaspace(ptrdiff_t *size);

#endif
