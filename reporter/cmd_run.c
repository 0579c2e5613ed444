/* SPDX-License-Identifier: MIT */
/*
 * `pitfall run`: prepares the environment of the program, has it supervised, reports. Owns the
 * trace directory of the run and the exit status; options are in run_options.c, processes in
 * supervise.c. Not signal-safe.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "launch.h"
#include "render.h"
#include "run_dir.h"
#include "run_options.h"
#include "seen.h"
#include "strict.h"
#include "supervise.h"

static int fail(const char *what, int status)
{
	fprintf(stderr, "pitfall: %s\n", what);
	return status;
}

/* 0, or the exit status: the program was not started, and why has been said. */
static int find_program(struct launch *l, const char *program)
{
	int rc = launch_find(l, program);

	if (!rc)
		rc = launch_check(l);
	switch (rc) {
	case 0:
		return 0;
	case -ENOENT:
		return fail(l->why, STATUS_NOT_FOUND);
	case -ENOTSUP:
		return fail(l->why, STATUS_FAILED);
	default:
		return fail(l->why, STATUS_CANNOT_RUN);
	}
}

/* LD_PRELOAD and PITFALL_OPTIONS, for the program: we ourselves have long been loaded. */
static int set_environment(struct settings *s, const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	char *options = settings_text(s), *preload = NULL;
	int rc = -ENOMEM;

	if (options && asprintf(&preload, "%s%s%s", library, others && *others ? ":" : "",
				others ? others : "") < 0)
		preload = NULL;
	if (preload && !setenv("LD_PRELOAD", preload, 1) && !setenv("PITFALL_OPTIONS", options, 1))
		rc = 0;
	free(options);
	free(preload);
	return rc;
}

static void say_stuck(pid_t pid)
{
	fprintf(stderr,
		"pitfall: process %d is in a deadlock: no thread of the ring can ever go on\n",
		pid);
}

/* A deadlock while the program still runs: the diagnosis at once, whatever form the report at the
 * end will have; nothing of one that is suppressed or in the baseline. */
static void say_deadlock(const char *base, pid_t pid, void *arg)
{
	const struct run_options *o = arg;
	const struct report_options ro = {.only_rules =
					      "deadlock,self-deadlock,fork-with-locks-held",
					  .suppressions = o->suppressions,
					  .baseline = o->baseline};
	const struct render_options style = {.colour = render_colour(stderr)};
	struct model_process *p = NULL;
	struct report *r = NULL;
	const bool known_exist = o->suppressions || o->baseline;
	char path[PATH_MAX * 2];

	if (!known_exist)
		say_stuck(pid);
	snprintf(path, sizeof(path), "%s.jsonl", base);
	if (!trace_load(&p, path, &(struct diag_out){.to = stderr}))
		report_process(&r, p, &ro);
	if (known_exist && (!r || r->ndiags))
		say_stuck(pid);
	for (u32 i = 0; r && i < r->ndiags; i++)
		render_diagnosis(r, &r->diag[i], stderr, &style);
	if (r)
		report_free(r);
	if (p)
		process_free(p);
	fflush(stderr);
}

static bool on_hung(const char *base, pid_t pid, void *arg)
{
	const struct run_options *o = arg;
	const struct report_options ro = {.suppressions = o->suppressions, .baseline = o->baseline};

	return seen_hung(base, pid, &ro);
}

static void on_last(const char *base, pid_t pid, void *arg)
{
	(void)pid;
	(void)arg;
	seen_last(base);
}

static const char *why_unobserved(const struct supervise *s, const struct settings *set)
{
	if (watch_saw(s->watch, s->pid) == WATCH_LOST)
		return "not after it executed another program: libpitfall.so was not loaded into "
		       "that one "
		       "(static, set-id, other libc or architecture, or a clean environment)";
	if (strcmp(setting_get(set, SETTING_programs), "*"))
		return "it left no trace: the setting programs=… does not name it";
	if (s->looked && !s->loaded)
		return "libpitfall.so is not in its address space: it executed a program nothing "
		       "can be "
		       "loaded into, or one that was started with a clean environment";
	if (s->looked)
		return "libpitfall.so was loaded, but it left no trace: it may not write into the "
		       "trace "
		       "directory";
	return "it ended without leaving a trace: the loader could not load libpitfall.so into it";
}

/* A process that was killed could not write down how it ended; its parent knows. */
static void tell_end(struct report *r, const struct supervise *s)
{
	struct process_facts *last = NULL;

	for (u32 i = 0; i < r->nprocesses; i++) {
		struct process_facts *f = &r->process[i];

		if (f->pid == s->pid && (!last || f->started >= last->started))
			last = f;
	}
	if (!last || last->ended != ENDED_KILLED)
		return;
	last->has_status = true;
	if (WIFSIGNALED(s->status)) {
		last->status = WTERMSIG(s->status);
		last->ended = last->status == SIGKILL ? ENDED_KILLED : ENDED_SIGNAL;
	} else {
		last->status = WEXITSTATUS(s->status);
		last->ended = ENDED_EXIT;
	}
	if (last->ended_at < (u64)s->ended_at)
		last->ended_at = (u64)s->ended_at;
}

/* Builds the report of this run's traces; one that says only "not observed" if there are none. */
static int build_report(struct report **r, const struct run_options *o, const struct supervise *s,
			const struct run_dir *dir)
{
	const struct report_options ro = {.suppressions = o->suppressions,
					  .baseline = o->baseline,
					  .pictures = format_is_picture(o->format),
					  .progress = isatty(STDERR_FILENO)};
	char **paths;
	int n = run_dir_traces(dir, &paths), rc = n < 0 ? n : -ENODATA;

	if (n > 0)
		rc = report_build(r, paths, n, &ro);
	run_dir_traces_free(paths, n);
	if (rc == -ENODATA) {
		*r = calloc(1, sizeof(**r));
		rc = *r ? 0 : -ENOMEM;
	}
	/* With keep=no a process without findings leaves no file: nothing is known of it here. */
	if (!rc && watch_saw(&dir->watch, s->pid) != WATCH_SEEN &&
	    strchr("y1", *setting_get(&o->set, SETTING_keep))) {
		const char *why = why_unobserved(s, &o->set);

		fprintf(stderr, "pitfall: %s: not observed: %s\n", s->path, why);
		rc = report_add_unobserved(*r, s->pid, s->path, why);
	}
	if (!rc)
		tell_end(*r, s);
	return rc;
}

static int write_report(const struct report *r, const struct run_options *o)
{
	struct render_options style = {.verbose = false};

	if (o->report)
		return report_write(r, o->format, o->report, &style);
	style.colour = render_colour(stderr);
	return report_render(r, o->format, stderr, &style);
}

/* DESIGN: 125, 124, 128+signal, --error-exitcode, the program's own. */
static int exit_status(const struct run_options *o, const struct supervise *s,
		       const struct report *r)
{
	if (!r || (o->strict && !strict_all_observed(r)))
		return STATUS_FAILED;
	if (s->timed_out)
		return STATUS_TIMEOUT;
	if (WIFSIGNALED(s->status))
		return 128 + WTERMSIG(s->status);
	if (o->error_exitcode >= 0 && r->errors)
		return o->error_exitcode;
	return WEXITSTATUS(s->status);
}

static int report_run(const struct run_options *o, struct supervise *s, struct run_dir *dir)
{
	struct report *r = NULL;
	int rc, status;

	dir->living = watch_settle(&dir->watch);
	rc = build_report(&r, o, s, dir);
	if (!rc)
		rc = write_report(r, o);
	if (rc) {
		fprintf(stderr, "pitfall: no report%s%s: %s\n", o->report ? " in " : "",
			o->report ? o->report : "", strerror(-rc));
		dir->keep = true;
	}
	if (s->timed_out)
		fprintf(stderr, "pitfall: ended by --timeout after %g s\n", o->timeout);
	status = exit_status(o, s, rc ? NULL : r);
	if (r)
		report_free(r);
	return status;
}

int cmd_run(int argc, char **argv)
{
	static struct run_options o; /* its buffers are large */
	static struct launch l;
	static struct run_dir dir;
	char library[PATH_MAX], why[PATH_MAX * 3];
	struct supervise s = {0};
	int rc = run_options_parse(&o, argc, argv);

	if (rc >= 0)
		return rc;
	rc = find_program(&l, o.argv[0]);
	if (rc)
		return rc;
	if (launch_library(library, sizeof(library), why, sizeof(why)))
		return fail(why, STATUS_FAILED);
	if (run_dir_open(&dir, &o.set, why, sizeof(why)))
		return fail(why, STATUS_FAILED);
	if (set_environment(&o.set, library)) {
		run_dir_close(&dir);
		return fail("out of memory", STATUS_FAILED);
	}
	s = (struct supervise){.path = l.path,
			       .argv = o.argv,
			       .library = library,
			       .timeout = o.timeout,
			       .exit_on_deadlock = o.exit_on_deadlock,
			       .watch = &dir.watch,
			       .stuck = say_deadlock,
			       .hung = on_hung,
			       .last = on_last,
			       .arg = &o};
	rc = supervise_run(&s);
	if (rc) {
		fprintf(stderr, "pitfall: %s: %s\n", l.path, strerror(-rc));
		rc = !s.pid || s.pid == -1 ? STATUS_FAILED
		     : rc == -ENOENT	   ? STATUS_NOT_FOUND
					   : STATUS_CANNOT_RUN;
	} else {
		rc = report_run(&o, &s, &dir);
	}
	run_dir_close(&dir);
	settings_free(&o.set);
	return rc;
}
