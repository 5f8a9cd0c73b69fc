// SPDX-License-Identifier: Apache-2.0
#include "TemplateLibrary.h"

// One line per family file. A file's head (family, aliases) is found without parsing the rest.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char files[] = {
#embed "chatml.yaml" suffix(, 0,)
#embed "llama-2.yaml" suffix(, 0,)
#embed "llama-3.yaml" suffix(, 0,)
#embed "mistral-v1.yaml" suffix(, 0,)
};

const unsigned char *dialect_family_files(ptrdiff_t *size) {
  *size = sizeof files;
  return files;
}
