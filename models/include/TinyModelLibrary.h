// SPDX-License-Identifier: Apache-2.0
#ifndef DIALECT_TINY_MODEL_LIBRARY_H
#define DIALECT_TINY_MODEL_LIBRARY_H

#include <stddef.h>

/// The files of this folder: what all models share, and the weights of each.
/// Each sets `*size` to the number of bytes; they are constants of the program.
const unsigned char *dialect_tiny_configuration(ptrdiff_t *size);
const unsigned char *dialect_tiny_tokenizer(ptrdiff_t *size);
const unsigned char *dialect_tiny_held_out(ptrdiff_t *size);
const unsigned char *dialect_tiny_base(ptrdiff_t *size);
const unsigned char *dialect_tiny_inst(ptrdiff_t *size);
const unsigned char *dialect_tiny_header_id(ptrdiff_t *size);
const unsigned char *dialect_tiny_role(ptrdiff_t *size);

#endif
