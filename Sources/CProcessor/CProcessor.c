// SPDX-License-Identifier: Apache-2.0

// The header has all there is; a target must have a source.
#include "CProcessor.h"
