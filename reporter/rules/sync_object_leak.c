/* SPDX-License-Identifier: MIT */
/*
 * sync-object-leak: objects that an init call made and no destroy call ended, and named semaphores
 * that are opened and never closed; by birth site. Evidence: rows of site and sync. Pure; called by
 * report.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rule.h"

#define SEVERAL	    4u /* named semaphores of one place: what a process holds for its life is fewer */
#define GROWN_LEAST 8u

const struct rule_text text_sync_object_leak = {
    .means =
	"Objects are initialised and never destroyed. With glibc a mutex costs nothing beyond its "
	"memory; other systems keep something for each, and a named semaphore keeps a mapped page "
	"until sem_close().",
    .evidence =
	"By the place of the init call: how many were made, and how many went with their "
	"memory, or were initialised anew, without a destroy call; or that their number grows; "
	"named semaphores still open when the process ended.",
    .silent =
	"Static and assigned initialisers; objects that live as long as the process; named "
	"semaphores that a forked child has from its parent. Fewer than four named semaphores of "
	"one place are a note, and so are those that a library of the system opened.",
    .fix = "Destroy each object before its memory goes; close a named semaphore on every way out.",
    .example = "struct conn *c = conn_new();   /* pthread_mutex_init(&c->lock, NULL) */\n"
	       "...\n"
	       "munmap(c, sizeof(*c));         /* pthread_mutex_destroy() is missing */\n",
};

/* "1 mutex", "3 mutexes" */
static const char *many(u32 n, u32 kind)
{
	static const char *const kinds[SYNC_KINDS][2] = {
	    {"object", "objects"},
	    {"mutex", "mutexes"},
	    {"rwlock", "rwlocks"},
	    {"spinlock", "spinlocks"},
	    {"condition variable", "condition variables"},
	    {"semaphore", "semaphores"},
	    {"barrier", "barriers"},
	    {"once", "onces"}};
	static char text[2][40];
	static unsigned next;
	char *s = text[next++ % 2];

	snprintf(s, sizeof(text[0]), "%u %s", n, kinds[kind < SYNC_KINDS ? kind : 0][n != 1]);
	return s;
}

static bool is_library(const struct model_process *p, u32 stack)
{
	return frames_of_library(p, process_frames(p, stack));
}

static void judge_site(const struct model_process *p, struct findings *out, const struct st_site *s)
{
	u32 alive = s->made - s->gone;
	bool growing = s->flags & XF_GROWING && alive >= GROWN_LEAST && alive <= s->made;
	const char *place = say_place(p, s->stack);
	struct diagnosis *d;

	if (!s->lost && !growing)
		return;
	d = diag_new(out, growing ? SEV_WARNING : SEV_NOTE, growing ? CONF_LIKELY : CONF_CERTAIN);
	if (growing) {
		diag_title(d, "%s initialised in %s live, and their number grows",
			   many(alive, s->sub), place);
		diag_what(d,
			  "Of %s that %s has initialised, %u were neither destroyed nor given "
			  "back, and there are more of them all the time.",
			  many(s->made, s->sub), place, alive);
		diag_count(d, alive);
	} else {
		diag_title(d, "%s initialised in %s went without being destroyed",
			   many(s->lost, s->sub), place);
		diag_what(d,
			  "Of %s that %s has initialised, %u went with their memory, or were "
			  "initialised anew, without a destroy call.",
			  many(s->made, s->sub), place, s->lost);
		diag_count(d, s->lost);
	}
	diag_why(
	    d, "%s",
	    growing ? "Whoever makes them forgets them, with the memory around them."
		    : "glibc keeps nothing for them but their bytes; on systems that do, each is a "
		      "leak.");
	diag_fix(d, "Destroy each one before its memory is given back or used for another.");
	diag_evidence(d, s->first, s->thread, s->stack, "initialised here, %s", say_times(s->made));
	diag_role(d, s->stack);
	diag_about(d, ABOUT_SITE, s->serial);
}

/* ---- named semaphores -------------------------------------------------------------------------
 */

/* What the parent of a forked child had opened is the parent's to close. */
static bool is_inherited(const struct model_process *p, const struct st_sync *s)
{
	const struct st_thread *opener = process_thread(p, s->thread);

	return opener && opener->flags & TF_FORKED && s->born < p->facts.started;
}

static bool is_open(const struct model_process *p, const struct st_sync *s)
{
	return s->kind == SYNC_sem && s->flags & SF_NAMED && !(s->flags & SF_DEAD) && s->stack &&
	       !is_inherited(p, s);
}

static int by_place(const void *a, const void *b)
{
	const struct st_sync *x = *(const struct st_sync *const *)a,
			     *y = *(const struct st_sync *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static void judge_named(const struct model_process *p, struct findings *out,
			const struct st_sync **row, u32 n)
{
	const struct st_site *s = process_site(p, SITE_sem, row[0]->site, row[0]->stack);
	bool growing = s && s->flags & XF_GROWING && n >= GROWN_LEAST;
	const char *place = say_place(p, row[0]->stack);
	struct diagnosis *d;
	bool many_open;
	u32 opens = 0;

	if (!growing && !process_ended_on_purpose(p))
		return;
	for (u32 i = 0; i < n; i++)
		opens += row[i]->refs ? row[i]->refs : 1;
	many_open = opens >= SEVERAL && !is_library(p, row[0]->stack);
	d = diag_new(out, growing || many_open ? SEV_WARNING : SEV_NOTE, CONF_LIKELY);
	if (n == 1)
		diag_title(d, "the semaphore '%s', opened in %s %s, was never closed", row[0]->name,
			   place, say_times(opens));
	else
		diag_title(d, "%u named semaphores opened in %s were never closed", n, place);
	diag_what(d, "%s still open %s: '%s'%s%s%s%s.",
		  n == 1 ? "A named semaphore was" : "Several named semaphores were",
		  p->facts.ended == ENDED_RUNNING ? "when the process was looked at"
						  : "when the process ended",
		  row[0]->name, n > 1 ? ", '" : "", n > 1 ? row[1]->name : "", n > 1 ? "'" : "",
		  n > 2 ? " and more" : "");
	diag_why(d, "%s",
		 n == 1 ? "It stays open, with its page mapped, until sem_close() was called as "
			  "often as sem_open()."
			: "Each keeps a mapped page until sem_close() was called as often as "
			  "sem_open(); their number grows with every call.");
	diag_fix(d, "sem_close() on every way out of what it was opened for; sem_unlink() does not "
		    "replace it.");
	diag_count(d, opens);
	diag_evidence(d, row[0]->born, row[0]->thread, row[0]->stack, "the first was opened here");
	for (u32 i = 0; i < n; i++) {
		diag_sync(d, row[i]->serial, row[i]->addr);
		diag_about(d, ABOUT_SYNC, row[i]->serial);
	}
	diag_role(d, row[0]->stack);
}

static void named(const struct model_process *p, struct findings *out)
{
	const struct st_sync **row = malloc((p->sync.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, sync, s)
	if (is_open(p, s))
		row[n++] = s;
	qsort(row, n, sizeof(*row), by_place);
	for (u32 i = 0, end; i < n; i = end) {
		for (end = i; end < n && row[end]->stack == row[i]->stack; end++)
			;
		judge_named(p, out, row + i, end - i);
	}
	free(row);
}

void rule_sync_object_leak(const struct model_process *p, struct findings *out)
{
	FOR_EACH_ROW(p, site, s)
	if ((s->kind == SITE_sync || s->kind == SITE_sem) && s->stack && !is_library(p, s->stack))
		judge_site(p, out, s);
	named(p, out);
}
