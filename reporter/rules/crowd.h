/* SPDX-License-Identifier: MIT */
/*
 * Threads of one birth site that live when the process is looked at: what thread-outlives-request
 * and unbounded-blocking-threads share. Private to rules/. Pure.
 */
#ifndef REPORTER_CROWD_H
#define REPORTER_CROWD_H

#include "rule.h"

struct crowd {
	const struct st_thread **row; /* by serial, all of one birth stack */
	u32 n;
	const struct st_site *site; /* NULL: not known */
};

/* Calls FN for each birth site that has a living thread. */
void crowd_each(const struct model_process *p, struct findings *out,
		void (*fn)(const struct model_process *p, struct findings *out,
			   const struct crowd *c));
/* What T does now, NULL where it does not live. */
const struct st_live *crowd_live(const struct model_process *p, const struct st_thread *t);
/* T waits in some call. */
bool crowd_blocked(const struct st_live *v);
/* T idles: others, who are none of the crowd, hand it work by what it waits for. */
bool crowd_takes_work(const struct model_process *p, const struct crowd *c,
		      const struct st_thread *t);
/* The commonest place of those that wait, and aren't idle: who is there, how many in N. */
const struct st_thread *crowd_place(const struct model_process *p, const struct crowd *c, u32 *n);
/* "nanosleep() called in upload (server.c:31)" */
const char *say_call_at(const struct model_process *p, const struct st_live *v);
/* When the wait began: its clock is a coarse one, and may say before the thread's birth. */
static inline u64 crowd_since(const struct st_thread *t, const struct st_live *v)
{
	return v->wait_since && v->wait_since < t->born ? t->born : v->wait_since;
}
/* Speaks about thread T and the descriptors that it opened. */
void crowd_about(struct diagnosis *d, const struct model_process *p, const struct st_thread *t);

#endif
