/* SPDX-License-Identifier: MIT */
/*
 * What forgotten-cancel (10) and timer-per-iteration (11) share: the living timers of one birth
 * site that are armed once and left, what they were armed for, and which of the two rules they are
 * a case for. Pure; called by these rules only.
 */
#ifndef RULES_ONESHOT_H
#define RULES_ONESHOT_H

#include "rule.h"

enum shots_case { SHOTS_NONE, SHOTS_FORGOTTEN /* 10 */, SHOTS_PER_WAIT /* 11 */ };

struct shots { /* of one site, by thread and age */
	const struct st_timer **row;
	const struct st_site *site; /* NULL unknown */
	u32 fd_site;		    /* of their descriptors, 0 unknown */
	u32 n;			    /* living */
	u32 once;		    /* armed once, for one shot */
	u32 returned, orphans;	    /* creating call returned or thread ended; thread ended */
	u32 threads;
	u32 gaps;	/* pairs made one after the other by one thread */
	u32 superseded; /* of these: the later was made before the earlier could fire */
	u32 acted;	/* of these: the thread did something in between that can block */
	u32 lasted;	/* of these: in one call, as far as is known */
	u32 waits;	/* of these: it received or polled next */
	u32 received;	/* of these: it received something in between */
	u32 inside;	/* it waited before the creating call returned, which it has */
	u32 with_work;	/* polled together with something that is no timer */
	u32 pending;	/* have not fired yet */
	u32 overdue;	/* fired a while ago, and nobody read it */
	u32 dropped;	/* no poll has it any more */
	u32 in_use;	/* polled after younger ones were made */
	bool fd, inlined;
	bool growing, refused, near;
	u32 limit, taken; /* RLIMIT_SIGPENDING or RLIMIT_NOFILE, and the most that were taken */
	u32 made, gone, peak;
	double per_second; /* made, 0: too short to say */
	u64 span;	   /* ns that this was seen over */
};

typedef void shots_fn(struct findings *out, const struct model_process *p, const struct shots *s);
/* Calls fn for every site that is a case of `which`, and whose timers are known to be left. */
void oneshot_each(const struct model_process *p, struct findings *out, enum shots_case which,
		  shots_fn *fn);
/* Severity by the limit; adds count, role, what was made where, and all timers. */
enum severity oneshot_severity(const struct shots *s);
void oneshot_tell(struct diagnosis *d, const struct model_process *p, const struct shots *s);
/* "; at this rate the limit is reached in 12 min", or "". */
const char *oneshot_left(const struct shots *s);
/* ", about 120 a second", or "". */
const char *oneshot_rate(const struct shots *s);

#endif
