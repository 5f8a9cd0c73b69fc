// SPDX-License-Identifier: Apache-2.0

// SwiftPM wants a source file; the one function is inlined from the header.
#include "CPrefetch.h"
