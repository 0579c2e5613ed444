/* SPDX-License-Identifier: MIT */
/*
 * The command `pitfall`: picks the subcommand. Everything else is in cmd_*.c. Not signal-safe.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "trace_schema.h"

#define VERSION "0.1"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} subcommands[] = {
    {"run", cmd_run, "run [options] [--] PROGRAM [ARG...]   observe a program, then report"},
    {"report", cmd_report, "report [options] TRACE...             report on traces that were kept"},
    {"dump", cmd_dump,
     "dump [-f FORMAT] PID|TRACE|CORE       every thread now: what it holds and waits for"},
    {"snapshot", cmd_snapshot,
     "snapshot [options] PID                report on a process that goes on running"},
    {"rules", cmd_rules, "rules [--json]                        what is looked for"},
    {"explain", cmd_explain, "explain RULE|NUMBER                   one rule, at length"},
};
#define SUBCOMMANDS (sizeof(subcommands) / sizeof(*subcommands))

static int usage(FILE *to, int status)
{
	fputs("pitfall finds concurrency and lifetime mistakes in programs nobody prepared for "
	      "it.\n\n",
	      to);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(to, "  pitfall %s\n", subcommands[i].summary);
	fputs("\n`pitfall SUBCOMMAND --help` lists its options. pitfall's own failures exit with "
	      "125.\n",
	      to);
	return status;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return usage(stderr, STATUS_FAILED);
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		return usage(stdout, 0);
	if (!strcmp(name, "--version")) {
		printf("pitfall " VERSION " (traces of version %d)\n", TRACE_VERSION);
		return 0;
	}
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(name, subcommands[i].name))
			return subcommands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "pitfall: unknown %s '%s'; see pitfall --help\n",
		*name == '-' ? "option" : "subcommand", name);
	return STATUS_FAILED;
}
