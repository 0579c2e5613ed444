/* SPDX-License-Identifier: MIT */
/*
 * descriptor-leak: descriptors that stay open and that nobody uses any more, by birth site.
 * Evidence: rows of fd and site. Pure; called by report.c.
 */
#include <stdlib.h>
#include "rule.h"

#define WARN_FROM 8u

const struct rule_text text_descriptor_leak = {
    .means =
	"Descriptors are opened and never closed. Each costs a slot of the process's limit (and "
	"keeps a file, a socket and "
	"its peer alive); a service that leaks one a request stops being able to open anything.",
    .evidence = "Who opened them, where, when each was last used, and that they were still open at "
		"the end. A warning from eight "
		"of one place on, a note below; an error where their number keeps growing.",
    .silent =
	"Inherited ones and 0, 1, 2; what libraries opened; fewer than eight streams of one place "
	"(more are suspected: their use is not seen); "
	"listening sockets and what sits "
	"in a poll set or in somebody's wait; what was passed to another process. What is held "
	"once for the whole life "
	"of the process is a note. In a process that still runs or was killed only growth counts.",
    .fix = "Close each one where its last use is, on error paths too; O_CLOEXEC does not replace "
	   "close().",
    .example = "int fd = open(path, O_RDONLY);\n"
	       "if (read(fd, buf, n) != n)\n"
	       "        return -1;               /* fd stays open */\n"
	       "close(fd);\n",
};

#define IN_USE                                                                                     \
	(FF_INHERITED | FF_LIBRARY | FF_LISTEN | FF_POLLED | FF_PASSED | FF_LEARNED | FF_USED_LATE)

/* Numbers somebody waits on at this moment. */
static bool is_waited_on(const struct model_process *p, int num)
{
	FOR_EACH_ROW(p, live, v)
	if (v->wait_call && v->wait_fd == num)
		return true;
	return false;
}

static bool is_candidate(const struct st_fd *f)
{
	return f->open && f->num > 2 && f->stack && !(f->flags & IN_USE) &&
	       f->kind != FDK_received && f->kind != FDK_epoll && f->kind != FDK_signalfd;
}

/* What is read and written through a FILE or DIR is not seen. */
static bool is_stream(const struct st_fd *f)
{
	return (f->flags & (FF_STREAM | FF_DIRSTREAM)) != 0;
}

static int row_compare(const void *a, const void *b)
{
	const struct st_fd *x = *(const struct st_fd *const *)a,
			   *y = *(const struct st_fd *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->num < y->num ? -1 : x->num > y->num;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct st_fd *f, u32 n,
		const struct st_site *s)
{
	const char *kind = fd_kind_name(f->kind), *place = say_place(p, f->stack);

	diag_title(d, "%u %s%s opened in %s %s never closed", n, kind, n == 1 ? "" : "s", place,
		   n == 1 ? "was" : "were");
	diag_what(d, "%u of the %u opened in %s %s still open %s%s%s.", n, s ? s->made : n, place,
		  n == 1 ? "was" : "were",
		  p->facts.ended == ENDED_RUNNING ? "when the process was looked at"
						  : "at the end of the process",
		  is_stream(f) ? "; whether their streams were in use to the end is not known"
			       : ", and nobody used ",
		  is_stream(f) ? ""
		  : n == 1     ? "it any more"
			       : "them any more");
	diag_why(d,
		 "Each open descriptor counts against RLIMIT_NOFILE (%u) and keeps its file or "
		 "peer alive%s.",
		 p->head.nofile,
		 s && s->flags & XF_GROWING ? "; their number kept growing while the process ran"
					    : "");
	diag_fix(d, "Close each one after its last use, on error paths too.");
}

static int by_ordinal(const void *a, const void *b)
{
	const struct st_fd *x = *(const struct st_fd *const *)a,
			   *y = *(const struct st_fd *const *)b;

	return x->ordinal < y->ordinal ? 1 : x->ordinal > y->ordinal ? -1 : 0;
}

/* How many of these were left behind, again and again, while ones opened later at the site were
 * closed? A table or a cache keeps its newest, a pool what it opened at the start; a leak on an
 * error path does neither. Sorts the rows, the newest first. */
static u32 overtaken(const struct st_fd **row, u32 n, const struct st_site *s)
{
	u32 count = 0, parts = 0;

	qsort(row, n, sizeof(*row), by_ordinal);
	for (u32 i = 0; i < n; i++) {
		if (s->made - row[i]->ordinal <= i)
			continue; /* nothing that was opened after it has been closed */
		count++;
		parts |= 1u << (u64)(row[i]->ordinal - 1) * 3 / s->made;
	}
	return parts & (parts - 1) ? count : 0; /* in two thirds of the site's life at least */
}

static void judge(const struct model_process *p, struct findings *out, const struct st_fd **row,
		  u32 n)
{
	const struct st_site *s = process_site(p, SITE_fd, row[0]->site, row[0]->stack);
	bool growing = s && s->flags & XF_GROWING && n >= WARN_FROM;
	enum severity severity = growing ? SEV_ERROR : n >= WARN_FROM ? SEV_WARNING : SEV_NOTE;
	struct diagnosis *d;

	if ((s && s->flags & XF_LIBRARY) || frames_of_library(p, process_frames(p, row[0]->stack)))
		return;
	if (!growing && (!process_ended_on_purpose(p) || (is_stream(row[0]) && n < WARN_FROM)))
		return;
	if (severity == SEV_WARNING && s && s->gone * 2 >= s->made &&
	    overtaken(row, n, s) < WARN_FROM)
		severity =
		    SEV_NOTE; /* an owner that closes most of them: these are merely its last */
	d = diag_new(out, severity, growing || !is_stream(row[0]) ? CONF_LIKELY : CONF_SUSPECTED);
	say(d, p, row[0], n, s);
	diag_count(d, n);
	diag_role(d, row[0]->stack);
	diag_evidence(d, row[0]->born, row[0]->thread, row[0]->stack, "opened here, %u times",
		      s ? s->made : n);
	if (row[n - 1]->used)
		diag_evidence(d, row[n - 1]->used, row[n - 1]->used_by, 0,
			      "descriptor %d was last used then, by %s", row[n - 1]->num,
			      say_thread(p, row[n - 1]->used_by));
	if (s)
		diag_about(d, ABOUT_SITE, s->serial);
	for (u32 i = 0; i < n; i++) {
		diag_fd(d, row[i]);
		diag_about(d, ABOUT_FD, (u64)row[i]->num);
	}
}

void rule_descriptor_leak(const struct model_process *p, struct findings *out)
{
	const struct st_fd **row = malloc((p->fd.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, fd, f)
	if (is_candidate(f) && !is_waited_on(p, f->num))
		row[n++] = f;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0, end; i < n; i = end) {
		for (end = i; end < n && row[end]->stack == row[i]->stack; end++)
			;
		judge(p, out, row + i, end - i);
	}
	free(row);
}
