/* SPDX-License-Identifier: MIT */
/*
 * The observed processes of one run, known by the state files they leave in the trace directory.
 * What lay there before the run is not its. Files are looked at from outside, by pread: a damaged
 * one can do no harm.
 */
#ifndef WATCH_H
#define WATCH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>
#include <uthash.h>

#include "trace_schema.h"

struct watched {
	char name[NAME_MAX + 1]; /* of the state file */
	bool before;		 /* was there before the run */
	bool over;		 /* its process has ended: not looked at any more */
	bool stuck;		 /* a certain deadlock was reported */
	u64 started;		 /* CLOCK_MONOTONIC ns */
	u32 phase;		 /* PHASE_*, when last looked at */
	u8 quiet;		 /* readings in a row that found it at an exec */
	u64 hung;		 /* hung_signature() when last looked at, */
	u32 same, hint;		 /* in so many looks; its hint */
	pid_t pid;		 /* as it calls itself; 0 = header not complete yet */
	UT_hash_handle hh;
};

/* Called when no thread of a process has moved for a while though all wait for each other or for
 * what the process itself would have to do. True: it is stuck for good, and was told. */
typedef bool watch_hung_fn(const char *base, pid_t pid, void *arg);

struct watch {
	char dir[PATH_MAX];
	watch_hung_fn *hung;	 /* NULL: not looked for; its argument is that of watch_poll() */
	struct watched *all;	 /* by name */
	struct timespec changed; /* mtime of dir when it was last read */
	int settled; /* readings since it last changed: a coarse mtime may hide the last file */
};

/* Called once for each process in which a certain deadlock is found; `base` is the trace's path
 * without extension. */
typedef void watch_stuck_fn(const char *base, pid_t pid, void *arg);

/* Notes what is there already. 0 or -errno. */
int watch_open(struct watch *w, const char *dir);
/* Looks for new files and for what changed in those of living processes. */
void watch_poll(struct watch *w, watch_stuck_fn *stuck, void *arg);
/* Calls FN for each living process, the observed ones. */
void watch_each(struct watch *w, watch_stuck_fn *fn, void *arg);
/* What is known of that pid: WATCH_LOST if the last of its images that was observed executed
 * another, and that left nothing. */
enum watch_seen { WATCH_NEVER, WATCH_LOST, WATCH_SEEN };
enum watch_seen watch_saw(const struct watch *w, pid_t pid);
/* Sends `sig` to every living observed process but `except`; a pid is trusted only while that
 * process maps its state file. sig 0 only counts. Returns how many there are. */
int watch_signal(struct watch *w, int sig, pid_t except);
/* The program has ended: gives children that it has just left behind up to a second to begin their
 * own traces. Returns how many processes of the run still live, observed or not. */
int watch_settle(struct watch *w);
void watch_close(struct watch *w);

#endif
