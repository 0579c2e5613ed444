/* SPDX-License-Identifier: MIT */
/*
 * The directory the traces of one run go to: the user's, or a temporary one that goes with the
 * report.
 */
#ifndef RUN_DIR_H
#define RUN_DIR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "settings.h"
#include "watch.h"

struct run_dir {
	char path[PATH_MAX]; /* absolute */
	bool temporary;	     /* made by us, without being asked */
	bool fallback;	/* not where it should have been: said at the start and again at the end */
	bool keep;	/* not to be removed although temporary */
	int living;	/* processes that still write into it */
	bool was_empty; /* everything in it is of this run */
	struct watch watch;
};

/* Makes it, and puts its absolute path into the settings. An unwritable one is replaced by one in
 * /dev/shm, in one line. 0 or -errno with one sentence in `why`. */
int run_dir_open(struct run_dir *d, struct settings *s, char *why, size_t why_size);
/* What to report on: paths for report_build(). Returns how many, -errno. */
int run_dir_traces(const struct run_dir *d, char ***paths);
void run_dir_traces_free(char **paths, int n);
/* Removes a temporary one, unless processes still write into it. */
void run_dir_close(struct run_dir *d);

#endif
