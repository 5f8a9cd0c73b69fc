// SPDX-License-Identifier: Apache-2.0
#ifndef DIALECT_TEMPLATE_LIBRARY_H
#define DIALECT_TEMPLATE_LIBRARY_H

#include <stddef.h>

/// The text of all family files, each followed by one zero byte.
/// Sets `*size` to the number of bytes; they are constants of the program.
const unsigned char *dialect_family_files(ptrdiff_t *size);

#endif
