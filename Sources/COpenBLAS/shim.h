// SPDX-License-Identifier: Apache-2.0
#pragma once

#if !__has_include(<cblas.h>)
#error "OpenBLAS's headers are missing; install libopenblas-dev"
#endif
#include <cblas.h>
