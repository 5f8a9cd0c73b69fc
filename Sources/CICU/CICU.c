// SPDX-License-Identifier: Apache-2.0
#if !__has_include(<unicode/utypes.h>)
#error "ICU's headers are missing: install libicu-dev"
#endif
#include "CICU.h"
