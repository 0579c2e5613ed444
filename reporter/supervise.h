/* SPDX-License-Identifier: MIT */
/*
 * Starting the observed program and standing beside it until it ends: signals, deadlines, job
 * control, the duties of PID 1. Knows nothing of reports.
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "watch.h"

struct supervise {
	/* in */
	const char *path;    /* to execute */
	char *const *argv;   /* its arguments, argv[0] as the user wrote it */
	const char *library; /* libpitfall.so, to tell whether it got loaded */
	double timeout;	     /* seconds, 0 = none */
	bool exit_on_deadlock;
	struct watch *watch;
	watch_stuck_fn *stuck; /* called when a certain deadlock is found */
	watch_hung_fn *hung;   /* asked when a process does not move: is it stuck for good? */
	watch_stuck_fn *last;  /* called for each observed process before we end it */
	void *arg;
	/* out */
	pid_t pid;
	int status;	    /* as waitpid(2) gives it */
	long long ended_at; /* CLOCK_MONOTONIC ns */
	bool timed_out;	    /* ended by the timeout */
	bool loaded;	    /* when looked at, the library was in its address space */
	bool looked;	    /* it lived long enough to look */
	/* private */
	int step;	   /* of the end: what was sent so far */
	bool all;	   /* descendants are to go, too */
	bool ended;	   /* the child was reaped */
	int missed;	   /* looks that did not find the library */
	bool stopped;	   /* it was seen stopped */
	long long kill_at; /* CLOCK_MONOTONIC ns, 0 = never */
	long long stop_at;
	sigset_t old_mask;
	struct sigaction old_chld, old_pipe;
};

/* Runs the program to its end. 0; or the -errno of execvp (nothing ran) or of fork. Afterwards
 * TERM, HUP, USR1, USR2 stay blocked, so that the report is written in peace; INT and QUIT end us.
 */
int supervise_run(struct supervise *s);

#endif
