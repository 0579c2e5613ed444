/* SPDX-License-Identifier: MIT */
/*
 * Owns: whether the process has confined itself. See sys.h.
 */
#include "base/sys.h"

bool sys_confined_now;
