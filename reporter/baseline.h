/* SPDX-License-Identifier: MIT */
/*
 * A baseline: a JSON report of earlier, whose faults are known and not reported again. Owns the
 * fingerprints it names; called from report.c; not signal-safe.
 */
#ifndef REPORTER_BASELINE_H
#define REPORTER_BASELINE_H

#include "report.h"

struct baseline;

/* 0; -EINVAL: cannot be read, or is no pitfall-report/1 (one line said); -ENOMEM. */
int baseline_load(struct baseline **out, const char *path, struct diag_out *d);
/* B may be NULL: knows nothing. A fingerprint made of one build's offsets knows that build's only.
 */
bool baseline_knows(struct baseline *b, const struct diagnosis *d);
/* Says it if faults came up as new that cannot be compared, having no names. */
void baseline_tell(const struct baseline *b, struct diag_out *d);
void baseline_free(struct baseline *b);

#endif
