/* SPDX-License-Identifier: MIT */
/*
 * `pitfall dump PID|TRACE|CORE`: decides what it was given and shows every thread of it. An
 * observed process is read without its help; only one that is not observed is attached to
 * (dump_stacks.c), and that is said. Not signal-safe.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "dump.h"
#include "dump_stacks.h"
#include "observed.h"
#include "proc.h"
#include "reader.h"
#include "report.h"

static const char help[] = "usage: pitfall dump [-f text|json] PID|TRACE|CORE\n"
			   "Every thread: running or waiting, for what, since when, who holds it; "
			   "counts against limits.\n";

static int show(const struct dump *d, enum format format)
{
	const struct render_options style = {.colour = render_colour(stdout)};
	json_t *j;

	if (format == FORMAT_TEXT) {
		dump_text(d, stdout, &style);
	} else {
		j = dump_json(d);
		if (!j || json_dumpf(j, stdout, JSON_INDENT(2)))
			return STATUS_FAILED;
		json_decref(j);
		putchar('\n');
	}
	return fflush(stdout) ? STATUS_FAILED : 0;
}

static bool same_ring(const struct dump *a, const struct dump *b)
{
	if (a->nring != b->nring)
		return false;
	for (u32 i = 0; i < a->nring; i++) {
		const struct dump_thread *x = &a->thread[a->ring[i]], *y = &b->thread[b->ring[i]];

		if (x->tid != y->tid || x->live->wait_addr != y->live->wait_addr ||
		    x->live->wait_since != y->live->wait_since)
			return false;
	}
	return true;
}

/* The rows of a running process are not of one instant, and locks change hands meanwhile: a ring
 * counts if it is still the same in a second reading. */
static int confirm_ring(struct dump *d, const char *path, struct diag_out *out)
{
	struct model_process *again;
	struct dump second;

	if (trace_load(&again, path, out))
		return 0;
	if (!dump_make(&second, again, d->pid)) {
		if (!same_ring(d, &second)) {
			for (u32 i = 0; i < d->n; i++)
				d->thread[i].in_ring = false;
			d->nring = 0;
		}
		dump_free(&second);
	}
	process_free(again);
	return 0;
}

/* Threads that nobody is left to wake, in the words of the report. */
static void say_stuck(struct model_process *p)
{
	const struct report_options ro = {.only_rules = "deadlock,stuck-thread,lost-wakeup"};
	const struct render_options style = {.colour = render_colour(stdout)};
	struct report *r = NULL;

	if (!report_process(&r, p, &ro))
		for (u32 i = 0; i < r->ndiags; i++) {
			putchar('\n');
			render_diagnosis(r, &r->diag[i], stdout, &style);
		}
	report_free(r);
}

static int dump_process(struct model_process *p, const char *path, pid_t pid, enum format format)
{
	struct diag_out quiet = {0};
	struct dump d;
	int rc = dump_make(&d, p, pid);

	if (rc) {
		fprintf(stderr, "pitfall: %s\n", strerror(-rc));
		return STATUS_FAILED;
	}
	if (d.alive && d.nring)
		confirm_ring(&d, path, &quiet);
	rc = show(&d, format);
	if (!rc && format == FORMAT_TEXT && !d.nring)
		say_stuck(p);
	dump_free(&d);
	return rc;
}

static int dump_pid(pid_t pid, enum format format)
{
	struct diag_out out = {.to = stderr};
	char path[PATH_MAX + 64], why[PATH_MAX + 256];
	struct model_process *p;
	int rc = observed_state(pid, path, sizeof(path), why, sizeof(why));

	if (rc)
		fprintf(stderr, "pitfall: %s\n", why);
	if (rc == -ENOENT)
		return dump_stacks_of_process(pid, format == FORMAT_JSON, stdout) ? STATUS_FAILED
										  : 0;
	if (rc || trace_load(&p, path, &out))
		return STATUS_FAILED;
	rc = dump_process(p, path, pid, format);
	process_free(p);
	return rc;
}

/* The process of a trace, if it lives: it alone maps that file. */
static pid_t living(const struct trace_ref *ref, const struct model_process *p)
{
	const char *base = ref->state ? strrchr(ref->state, '/') : NULL;
	char path[PATH_MAX];

	if (!ref->state || p->facts.ended != ENDED_RUNNING)
		return 0;
	return proc_mapped(p->facts.pid, base ? base : ref->state, path, sizeof(path))
		   ? 0
		   : p->facts.pid;
}

static int dump_trace(const char *path, enum format format)
{
	struct diag_out out = {.to = stderr};
	struct trace_set set = {0};
	int rc = trace_find(&set, path, &out) ? STATUS_FAILED : 0;
	u32 shown = 0;

	for (u32 i = 0; !rc && i < set.n; i++) {
		const struct trace_ref *ref = &set.ref[i];
		struct model_process *p;

		if (ref->index || process_load(&p, ref, &out))
			continue; /* a clean process left no tables */
		if (shown++ && format == FORMAT_TEXT)
			puts("\n----\n");
		rc = dump_process(p, ref->state ? ref->state : ref->jsonl, living(ref, p), format);
		process_free(p);
	}
	trace_set_free(&set);
	if (!rc && !shown) {
		fprintf(stderr, "pitfall: %s: no process in there to show\n", path);
		rc = STATUS_FAILED;
	}
	return rc;
}

int cmd_dump(int argc, char **argv)
{
	static const struct option table[] = {
	    {"format", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
	enum format format = FORMAT_TEXT;
	const char *what;
	int c, rc;

	argv[0] = "pitfall dump";
	while ((c = getopt_long(argc, argv, "f:h", table, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (c != 'f')
			return STATUS_FAILED;
		rc = format_parse(optarg, &format);
		if (rc) {
			format_complain(optarg, rc);
			return STATUS_FAILED;
		}
	}
	if (optind + 1 != argc) {
		fputs("pitfall dump: one process id, trace or core is needed; see pitfall dump "
		      "--help\n",
		      stderr);
		return STATUS_FAILED;
	}
	what = argv[optind];
	if (proc_parse_pid(what) && access(what, F_OK))
		return dump_pid(proc_parse_pid(what), format);
	if (dump_stacks_is_core(what))
		return dump_stacks_of_core(what, format == FORMAT_JSON, stdout) ? STATUS_FAILED : 0;
	return dump_trace(what, format);
}
