// SPDX-License-Identifier: Apache-2.0

#include "COpenBLAS.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

static const char *const names[] = {
    "libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib"};

// Where a user chooses the library's kernels.
static const char kernels[] = "OPENBLAS_CORETYPE";

// The library goes by the processor's model, and takes kernels of half the width for AMD's processors
// with AVX-512, which are newer than it knows; then sgemm does half of what it could.
static bool needs_wide_kernels(void) {
#if defined(__x86_64__)
  return __builtin_cpu_is("amd") && __builtin_cpu_supports("x86-64-v4") && !getenv(kernels);
#else
  return false;
#endif
}

static void *open_library(void) {
  void *library = NULL;
  for (size_t index = 0; index < sizeof names / sizeof *names && library == NULL; index++) {
    library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
  }
  return library;
}

bool dialect_blas_load(struct dialect_blas *routines) {
  // The library reads the variable while it is loaded, and never again.
  bool chooses = needs_wide_kernels();
  if (chooses) setenv(kernels, "SkylakeX", 1);
  void *library = open_library();
  if (chooses) unsetenv(kernels);
  if (library == NULL) return false;
  // POSIX has functions in pointers to objects, which C has not: hence the detour.
  *(void **)&routines->multiply = dlsym(library, "cblas_sgemm");
  *(void **)&routines->multiply_vector = dlsym(library, "cblas_sgemv");
  *(void **)&routines->set_thread_count = dlsym(library, "openblas_set_num_threads");
  *(void **)&routines->thread_count = dlsym(library, "openblas_get_num_threads");
  return routines->multiply != NULL && routines->multiply_vector != NULL
         && routines->set_thread_count != NULL && routines->thread_count != NULL;
}
