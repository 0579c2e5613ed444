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
    .evidence =
	"Who opened them, where, when each was last used and by whom, and that they were still "
	"open at the end; of sockets and pipes also whether the other side had closed long since. "
	"A warning from eight of one place on, a note below; an error where their number keeps "
	"growing.",
    .silent =
	"Inherited ones and 0, 1, 2; what libraries opened; "
	"listening sockets and what sits in an epoll set or in somebody's wait; what was still "
	"used or polled after the last one was opened at its place (files: after any later one, "
	"caches and merges do that); what the process never used itself and left to a child. What "
	"is held once for the whole life of the process is a note. In a process that still runs "
	"or was killed only growth counts.",
    .fix = "Close each one where its last use is, on error paths too; O_CLOEXEC does not replace "
	   "close(), nor does sending it to another process.",
    .example = "int fd = open(path, O_RDONLY);\n"
	       "if (read(fd, buf, n) != n)\n"
	       "        return -1;               /* fd stays open */\n"
	       "close(fd);\n",
};

struct left { /* what is open and unused of one birth site */
	const struct st_fd **row;
	u32 n, hung_up;
	const struct st_site *s; /* or NULL */
};

/* Numbers somebody waits on at this moment. */
static bool is_waited_on(const struct model_process *p, int num)
{
	FOR_EACH_ROW(p, live, v)
	if (v->wait_call && v->wait_fd == num)
		return true;
	return false;
}

static u64 last_fork(const struct model_process *p)
{
	u64 last = 0;

	FOR_EACH_EVENT(p, "fork", e)
	last = e->t > last ? e->t : last;
	return last;
}

/* Opened for a child: the process itself never touched it. */
static bool is_for_child(const struct st_fd *f, u64 forked)
{
	return forked && !(f->flags & FF_CLOEXEC) && !f->used_by && f->born <= forked;
}

/* Caches of files and merges go back to what was opened before others. A connection that does is
 * in use only as long as it keeps up with the newest. */
static bool is_in_use(const struct st_fd *f, const struct st_site *s)
{
	u32 one = f->peer >= 0 ? 2 : 1; /* a pair is born at once */
	bool keeps_up = !s || !f->last_ordinal || s->made - f->last_ordinal <= one;

	if (f->flags & FF_IN_EPOLL)
		return true;
	if (f->flags & FF_PEER_GONE)
		return false;
	if (f->flags & FF_POLLED)
		return keeps_up;
	if (!(f->flags & FF_USED_LATE))
		return false;
	return f->kind == FDK_file || f->kind == FDK_dir || f->kind == FDK_memfd ||
	       f->kind == FDK_shm || keeps_up;
}

static bool is_candidate(const struct model_process *p, const struct st_fd *f, u64 forked)
{
	const struct st_site *s = process_site(p, SITE_fd, f->site, f->stack);

	return f->open && f->num > 2 && f->stack &&
	       !(f->flags & (FF_INHERITED | FF_LIBRARY | FF_LISTEN | FF_LEARNED)) &&
	       !is_in_use(f, s) && !(is_for_child(f, forked) && !(s && s->flags & XF_GROWING)) &&
	       !is_waited_on(p, f->num);
}

static int row_compare(const void *a, const void *b)
{
	const struct st_fd *x = *(const struct st_fd *const *)a,
			   *y = *(const struct st_fd *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->num < y->num ? -1 : x->num > y->num;
}

static const char *is_are(u32 n)
{
	return n == 1 ? "was" : "were";
}

static void say(struct diagnosis *d, const struct model_process *p, const struct left *l,
		bool growing)
{
	const struct st_fd *f = l->row[0];
	const char *kind = fd_kind_name(f->kind), *place = say_place(p, f->stack);
	u32 n = l->n, made = l->s && l->s->made > n ? l->s->made : n;

	diag_title(d, "%u %s%s opened in %s %s never closed", n, kind, n == 1 ? "" : "s", place,
		   is_are(n));
	diag_what(d, "%u of the %u opened in %s %s still open %s, and nobody used %s any more.%s",
		  n, made, place, is_are(n),
		  p->facts.ended == ENDED_RUNNING ? "when the process was looked at"
						  : "at the end of the process",
		  n == 1 ? "it" : "them",
		  f->flags & FF_PASSED
		      ? " Sending a descriptor to another process makes a copy: ours stays open."
		      : "");
	if (l->hung_up)
		diag_why(d,
			 "Each open descriptor counts against RLIMIT_NOFILE (%u). The other side "
			 "of %u of them had closed: nothing will ever come from there%s.",
			 p->head.nofile, l->hung_up, growing ? ". Their number keeps growing" : "");
	else
		diag_why(
		    d,
		    "Each open descriptor counts against RLIMIT_NOFILE (%u) and keeps its file or "
		    "peer alive%s.",
		    p->head.nofile,
		    growing ? "; their number kept growing while the process ran" : "");
	diag_fix(d, "%s each one after its last use, on error paths too.",
		 f->flags & FF_DIRSTREAM   ? "closedir()"
		 : !(f->flags & FF_STREAM) ? "Close"
		 : f->kind == FDK_pipe	   ? "pclose() (or fclose())"
					   : "fclose()");
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
static u32 overtaken(const struct left *l)
{
	u32 count = 0, parts = 0;

	qsort(l->row, l->n, sizeof(*l->row), by_ordinal);
	for (u32 i = 0; i < l->n; i++) {
		if (l->s->made - l->row[i]->ordinal <= i)
			continue; /* nothing that was opened after it has been closed */
		count++;
		parts |= 1u << (u64)(l->row[i]->ordinal - 1) * 3 / l->s->made;
	}
	return parts & (parts - 1) ? count : 0; /* in two thirds of the site's life at least */
}

static enum severity severity_of(const struct left *l, bool growing)
{
	if (growing)
		return SEV_ERROR;
	if (l->n < WARN_FROM)
		return SEV_NOTE;
	/* An owner that closes most of them: these are merely its last. */
	return l->s && l->s->gone * 2 >= l->s->made && overtaken(l) < WARN_FROM ? SEV_NOTE
										: SEV_WARNING;
}

static void show(struct diagnosis *d, const struct model_process *p, const struct left *l)
{
	const struct st_fd *f = l->row[0], *last = f;

	for (u32 i = 0; i < l->n; i++) {
		diag_fd(d, l->row[i]);
		diag_about(d, ABOUT_FD, (u64)l->row[i]->num);
		last = l->row[i]->used > last->used ? l->row[i] : last;
		f = l->row[i]->born < f->born ? l->row[i] : f;
	}
	diag_evidence(d, f->born, f->thread, f->stack,
		      "%u opened here, the first of those left by %s", l->s ? l->s->made : l->n,
		      say_thread(p, f->thread));
	if (last->used)
		diag_evidence(d, last->used, last->used_by, 0,
			      "the last use of any of them: %s, by %s",
			      say_fd(p, last->num, last->kind), say_thread(p, last->used_by));
	else
		diag_evidence(d, 0, 0, 0, "none of them was ever used");
}

static void judge(const struct model_process *p, struct findings *out, const struct left *l)
{
	u32 stack = l->row[0]->stack;
	bool growing = l->s && l->s->flags & XF_GROWING && l->n >= WARN_FROM;
	struct diagnosis *d;

	if ((l->s && l->s->flags & XF_LIBRARY) || frames_of_library(p, process_frames(p, stack)))
		return;
	if (!growing && !process_ended_on_purpose(p))
		return;
	/* One of these is made to be kept. */
	if (l->n < WARN_FROM && (l->row[0]->kind == FDK_epoll || l->row[0]->kind == FDK_signalfd))
		return;
	d = diag_new(out, severity_of(l, growing), CONF_LIKELY);
	say(d, p, l, growing);
	show(d, p, l);
	diag_count(d, l->n);
	diag_role(d, stack);
	if (l->s)
		diag_about(d, ABOUT_SITE, l->s->serial);
}

void rule_descriptor_leak(const struct model_process *p, struct findings *out)
{
	const struct st_fd **row = malloc((p->fd.n + 1) * sizeof(*row));
	u64 forked = last_fork(p);
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, fd, f)
	if (is_candidate(p, f, forked))
		row[n++] = f;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct left l = {.row = row + i};

		l.s = process_site(p, SITE_fd, row[i]->site, row[i]->stack);
		for (; i < n && row[i]->stack == l.row[0]->stack; i++, l.n++)
			l.hung_up += (row[i]->flags & FF_PEER_GONE) != 0;
		judge(p, out, &l);
	}
	free(row);
}
