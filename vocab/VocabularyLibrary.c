// SPDX-License-Identifier: Apache-2.0
#include "VocabularyLibrary.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char byte_level[] = {
#embed "byte-level/tokenizer.json"
};

static const unsigned char metaspace[] = {
#embed "metaspace/tokenizer.json"
};

const unsigned char *dialect_vocabulary_byte_level(ptrdiff_t *size) {
  *size = sizeof byte_level;
  return byte_level;
}

const unsigned char *dialect_vocabulary_metaspace(ptrdiff_t *size) {
  *size = sizeof metaspace;
  return metaspace;
}
