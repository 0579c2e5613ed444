/* SPDX-License-Identifier: MIT */
/*
 * What --strict demands of a report: that nothing went unobserved.
 */
#ifndef STRICT_H
#define STRICT_H

#include <stdbool.h>

#include "report.h"

/* Says on standard error, one line each, what went unobserved. */
bool strict_all_observed(const struct report *r);

#endif
