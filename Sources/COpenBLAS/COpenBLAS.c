// SPDX-License-Identifier: Apache-2.0

#include "COpenBLAS.h"

#include <dlfcn.h>
#include <stddef.h>

static const char *const names[] = {
    "libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib"};

bool dialect_blas_load(struct dialect_blas *routines) {
  void *library = NULL;
  for (size_t index = 0; index < sizeof names / sizeof *names && library == NULL; index++) {
    library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
  }
  if (library == NULL) return false;
  // POSIX has functions in pointers to objects, which C has not: hence the detour.
  *(void **)&routines->multiply = dlsym(library, "cblas_sgemm");
  *(void **)&routines->multiply_vector = dlsym(library, "cblas_sgemv");
  *(void **)&routines->set_thread_count = dlsym(library, "openblas_set_num_threads");
  *(void **)&routines->thread_count = dlsym(library, "openblas_get_num_threads");
  return routines->multiply != NULL && routines->multiply_vector != NULL
         && routines->set_thread_count != NULL && routines->thread_count != NULL;
}
