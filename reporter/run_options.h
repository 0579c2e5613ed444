/* SPDX-License-Identifier: MIT */
/*
 * The command line of `pitfall run`: its own options and every setting of settings.def as
 * --name=value.
 */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <stdbool.h>

#include "render.h"
#include "settings.h"

struct run_options {
	struct settings set; /* PITFALL_OPTIONS, then the command line */
	char **argv;	     /* the program and its arguments */
	const char *report;  /* NULL: standard error */
	enum format format;
	const char *suppressions, *baseline;
	int error_exitcode; /* -1: none */
	double timeout;	    /* seconds, 0: none */
	bool exit_on_deadlock;
	bool strict;
	bool gen; /* suppressions instead of the report */
};

/* -1: go on; else the exit status, everything has been said. */
int run_options_parse(struct run_options *o, int argc, char **argv);

#endif
