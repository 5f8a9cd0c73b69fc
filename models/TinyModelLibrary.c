// SPDX-License-Identifier: Apache-2.0
#include "TinyModelLibrary.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// A file of this folder, and the function that gives it.
#define FILE_BEGIN(name) _Alignas(64) static const unsigned char name[] = {
#define FILE_END(name) \
  }; \
  const unsigned char *dialect_tiny_##name(ptrdiff_t *size) { \
    *size = sizeof name; \
    return name; \
  }

FILE_BEGIN(configuration)
#embed "config.json"
FILE_END(configuration)

FILE_BEGIN(tokenizer)
#embed "tokenizer.json"
FILE_END(tokenizer)

FILE_BEGIN(held_out)
#embed "held-out.jsonl"
FILE_END(held_out)

FILE_BEGIN(base)
#embed "base.safetensors"
FILE_END(base)

FILE_BEGIN(inst)
#embed "inst.safetensors"
FILE_END(inst)

FILE_BEGIN(header_id)
#embed "header-id.safetensors"
FILE_END(header_id)

FILE_BEGIN(role)
#embed "role.safetensors"
FILE_END(role)
