/* SPDX-License-Identifier: MIT */
/*
 * `pitfall snapshot`: asks an observed process, by the control word in its state file, to compare
 * its tables with /proc, then reports on it as it is now. No signal, no ptrace: a process that
 * sleeps through answers when it next calls us. Not signal-safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "observed.h"
#include "proc.h"
#include "render.h"
#include "state.h"

#define ANSWER_MS 3000
#define POLL_MS	  10

static const char help[] =
    "usage: pitfall snapshot [options] PID\n"
    "  -o, --output FILE        report into FILE (default: standard output)\n"
    "  -f, --format FORMAT      text (default) or json\n"
    "      --suppressions FILE  findings not to report\n";

struct snapshot_options {
	const char *file, *suppressions;
	enum format format;
	bool format_given;
	pid_t pid;
};

static int take_format(struct snapshot_options *o, const char *name)
{
	int rc = format_parse(name, &o->format);

	o->format_given = true;
	if (rc)
		format_complain(name, rc);
	return rc ? STATUS_FAILED : -1;
}

/* -1: go on; else the exit status. */
static int parse(struct snapshot_options *o, int argc, char **argv)
{
	static const struct option table[] = {{"output", required_argument, NULL, 'o'},
					      {"format", required_argument, NULL, 'f'},
					      {"suppressions", required_argument, NULL, 's'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	int c, rc = -1;

	argv[0] = "pitfall snapshot";
	while (rc < 0 && (c = getopt_long(argc, argv, "o:f:h", table, NULL)) != -1) {
		if (c == 'o')
			o->file = optarg;
		else if (c == 's')
			o->suppressions = optarg;
		else if (c == 'f')
			rc = take_format(o, optarg);
		else
			rc = c == 'h' ? 0 : STATUS_FAILED;
		if (c == 'h')
			fputs(help, stdout);
	}
	if (rc < 0 && o->file && !o->format_given && format_of_file(o->file, &o->format)) {
		format_complain(strrchr(o->file, '.') + 1, -ENOSYS);
		rc = STATUS_FAILED;
	}
	if (rc >= 0)
		return rc;
	o->pid = optind + 1 == argc ? proc_parse_pid(argv[optind]) : 0;
	if (o->pid)
		return -1;
	fputs("pitfall snapshot: one process id is needed; see pitfall snapshot --help\n", stderr);
	return STATUS_FAILED;
}

/* 1 answered, 0 not, -errno. */
static int ask(const char *path)
{
	const u32 word = CONTROL_SNAPSHOT;
	struct state_view v;
	int fd = open(path, O_RDWR | O_CLOEXEC), rc;
	u32 before;

	if (fd < 0)
		return -errno;
	rc = state_open_fd(&v, fd);
	before = v.head.control_ack;
	if (!rc &&
	    pwrite(fd, &word, sizeof(word), offsetof(struct st_header, control)) != sizeof(word))
		rc = -errno;
	for (int ms = 0; !rc && ms < ANSWER_MS; ms += POLL_MS) {
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000}, NULL);
		rc = state_refresh(&v);
		if (!rc && v.head.control_ack != before)
			rc = 1;
	}
	state_close(&v);
	close(fd);
	return rc;
}

int cmd_snapshot(int argc, char **argv)
{
	struct snapshot_options o = {.format = FORMAT_TEXT};
	struct report_options ro = {.progress = true};
	struct render_options style = {0};
	char path[PATH_MAX + 64], why[PATH_MAX + 256], *paths[] = {path};
	struct report *r = NULL;
	int rc = parse(&o, argc, argv);

	if (rc >= 0)
		return rc;
	if (observed_state(o.pid, path, sizeof(path), why, sizeof(why))) {
		fprintf(stderr, "pitfall: %s\n", why);
		return STATUS_FAILED;
	}
	rc = ask(path);
	if (rc <= 0)
		fprintf(stderr,
			"pitfall: process %d was not asked for a comparison with /proc (%s): what "
			"follows is what its tables hold\n",
			o.pid,
			rc < 0				     ? strerror(-rc)
			: strchr("Tt", proc_state(o.pid, 0)) ? "it is stopped"
							     : "it sleeps: no answer within 3 s");
	ro.suppressions = o.suppressions;
	rc = report_build(&r, paths, 1, &ro);
	if (rc)
		return STATUS_FAILED;
	style.colour = !o.file && render_colour(stdout);
	rc = report_write(r, o.format, o.file, &style);
	if (rc)
		fprintf(stderr, "pitfall: %s: %s\n", o.file ? o.file : "standard output",
			strerror(-rc));
	report_free(r);
	return rc ? STATUS_FAILED : 0;
}
