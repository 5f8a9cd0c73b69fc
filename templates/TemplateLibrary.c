// SPDX-License-Identifier: Apache-2.0
#include "TemplateLibrary.h"

// One line per family file. A file's head (family, aliases) is found without parsing the rest.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char files[] = {
#embed "alpaca.yaml" suffix(, 0,)
#embed "base.yaml" suffix(, 0,)
#embed "chatml.yaml" suffix(, 0,)
#embed "command-r.yaml" suffix(, 0,)
#embed "deepseek-v3.yaml" suffix(, 0,)
#embed "deepseek-v3-base.yaml" suffix(, 0,)
#embed "falcon-base.yaml" suffix(, 0,)
#embed "falcon-instruct.yaml" suffix(, 0,)
#embed "gemma-2.yaml" suffix(, 0,)
#embed "gemma-2-base.yaml" suffix(, 0,)
#embed "gemma-3.yaml" suffix(, 0,)
#embed "gemma-3-base.yaml" suffix(, 0,)
#embed "glm-4.5.yaml" suffix(, 0,)
#embed "gpt-oss.yaml" suffix(, 0,)
#embed "granite-3.3.yaml" suffix(, 0,)
#embed "granite-3.3-base.yaml" suffix(, 0,)
#embed "kimi-k2.yaml" suffix(, 0,)
#embed "llama-2.yaml" suffix(, 0,)
#embed "llama-2-base.yaml" suffix(, 0,)
#embed "llama-3.yaml" suffix(, 0,)
#embed "llama-3-base.yaml" suffix(, 0,)
#embed "llama-3-models.yaml" suffix(, 0,)
#embed "llama-3.1.yaml" suffix(, 0,)
#embed "llama-3.2.yaml" suffix(, 0,)
#embed "llama-4.yaml" suffix(, 0,)
#embed "llama-4-base.yaml" suffix(, 0,)
#embed "llama-4-models.yaml" suffix(, 0,)
#embed "mistral-7b-instruct-v0.1.yaml" suffix(, 0,)
#embed "mistral-7b-instruct-v0.3.yaml" suffix(, 0,)
#embed "mistral-base.yaml" suffix(, 0,)
#embed "mistral-large-instruct-2411.yaml" suffix(, 0,)
#embed "mistral-nemo-instruct-2407.yaml" suffix(, 0,)
#embed "mistral-v1.yaml" suffix(, 0,)
#embed "mistral-v11.yaml" suffix(, 0,)
#embed "mistral-v13.yaml" suffix(, 0,)
#embed "mistral-v15.yaml" suffix(, 0,)
#embed "mistral-v2.yaml" suffix(, 0,)
#embed "mistral-v3.yaml" suffix(, 0,)
#embed "mistral-v3-tekken.yaml" suffix(, 0,)
#embed "mistral-v7.yaml" suffix(, 0,)
#embed "phi-3.yaml" suffix(, 0,)
#embed "phi-3-mini-4k-instruct.yaml" suffix(, 0,)
#embed "phi-3.5.yaml" suffix(, 0,)
#embed "phi-4.yaml" suffix(, 0,)
#embed "qwen2.5.yaml" suffix(, 0,)
#embed "qwen2.5-base.yaml" suffix(, 0,)
#embed "qwen3.yaml" suffix(, 0,)
#embed "qwen3-base.yaml" suffix(, 0,)
#embed "vicuna.yaml" suffix(, 0,)
#embed "zephyr.yaml" suffix(, 0,)
#embed "zephyr-7b-beta.yaml" suffix(, 0,)
};

const unsigned char *dialect_family_files(ptrdiff_t *size) {
  *size = sizeof files;
  return files;
}
