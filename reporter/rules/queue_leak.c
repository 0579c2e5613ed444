/* SPDX-License-Identifier: MIT */
/*
 * queue-leak: message queues that are opened and never closed, by birth site; and, as a note,
 * names that were made and never removed. Evidence: rows of fd of kind mqueue, of queue and site.
 * Pure; called by report.c.
 */
#include <stdlib.h>
#include <string.h>
#include "rule.h"

#define SEVERAL 2u
#define NAMED	6u /* names told of one place */

const struct rule_text text_queue_leak = {
    .means = "Message queues are opened and never closed. Each open one is a descriptor, and its "
	     "messages stay in the kernel as long as it is open somewhere, even after mq_unlink(): "
	     "RLIMIT_MSGQUEUE and the descriptors of the process run out.",
    .evidence = "Two or more queues of one place that were still open at the end and that nobody "
		"used any more, with their names; a count that keeps growing while the process "
		"runs. As a note: names that this process made and nobody removed.",
    .silent =
	"One queue that is held for the whole life of the process is a note at most; queues "
	"in use to the end (a thread waits in them, they are in an epoll set, or were used after "
	"the last one was opened); inherited ones. In a process that still runs or was killed "
	"only growth counts.",
    .fix = "mq_close() where the last use is, on error paths too; mq_unlink() by whoever made the "
	   "name.",
    .example = "mqd_t q = mq_open(reply_name, O_RDONLY | O_CREAT, 0600, &attr);\n"
	       "mq_receive(q, answer, sizeof(answer), NULL);\n"
	       "mq_unlink(reply_name);\n"
	       "return 0;                /* mq_close(q) is missing */\n",
};

static bool is_waited_on(const struct model_process *p, const struct st_fd *f)
{
	FOR_EACH_ROW(p, live, v)
	if (v->wait_call && v->wait_fd == f->num)
		return true;
	return false;
}

static bool is_left(const struct model_process *p, const struct st_fd *f)
{
	const struct st_site *s = process_site(p, SITE_fd, f->site, f->stack);
	bool keeps_up = f->flags & FF_USED_LATE && s && s->made - f->last_ordinal <= 1;

	return f->open && f->kind == FDK_mqueue && f->stack &&
	       !(f->flags & (FF_INHERITED | FF_LIBRARY | FF_LEARNED | FF_IN_EPOLL)) && !keeps_up &&
	       !is_waited_on(p, f);
}

static int row_compare(const void *a, const void *b)
{
	const struct st_fd *x = *(const struct st_fd *const *)a,
			   *y = *(const struct st_fd *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->num < y->num ? -1 : x->num > y->num;
}

static const struct st_queue *queue_of(const struct model_process *p, const struct st_fd *f)
{
	FOR_EACH_ROW(p, queue, q)
	if (f->queue && q->serial == f->queue)
		return q;
	return NULL;
}

static const char *name_of(const struct model_process *p, const struct st_fd *f)
{
	const struct st_queue *q = queue_of(p, f);

	return q && q->name[0] ? q->name : "?";
}

/* How many of the rows are of the first one's queue? */
static u32 same_name(const struct model_process *p, const struct st_fd **row, u32 n)
{
	u32 same = 0;

	for (u32 i = 0; i < n; i++)
		same += strcmp(name_of(p, row[i]), name_of(p, row[0])) == 0;
	return same;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct st_fd **row, u32 n,
		const struct st_site *s)
{
	const char *place = say_place(p, row[0]->stack), *name = name_of(p, row[0]);
	const char *at = p->facts.ended == ENDED_RUNNING ? "when the process was looked at"
							 : "at the end of the process";

	diag_title(d, "%u message queue%s opened in %s %s never closed", n, n == 1 ? "" : "s",
		   place, n == 1 ? "was" : "were");
	if (n == 1)
		diag_what(d, "The message queue '%s', opened in %s, was still open %s.", name,
			  place, at);
	else if (same_name(p, row, n) == n)
		diag_what(d,
			  "The message queue '%s' was opened %u times in %s; %u descriptors of it "
			  "were still open %s, and nobody used them any more.",
			  name, s ? s->made : n, place, n, at);
	else
		diag_what(d,
			  "%u of the %u message queues opened in %s were still open %s, '%s' "
			  "among them, and nobody used them any more.",
			  n, s ? s->made : n, place, at, name);
	diag_why(d,
		 "Each keeps a descriptor (the limit is %u) and its messages in the kernel, also "
		 "after mq_unlink()%s.",
		 p->head.nofile,
		 s && s->flags & XF_GROWING ? "; their number kept growing while the process ran"
					    : "");
	diag_fix(d, "mq_close() each one after its last use, on error paths too.");
}

static void judge(const struct model_process *p, struct findings *out, const struct st_fd **row,
		  u32 n)
{
	const struct st_site *s = process_site(p, SITE_fd, row[0]->site, row[0]->stack);
	bool growing = s && s->flags & XF_GROWING && n >= SEVERAL;
	const struct st_fd *last = row[0];
	struct diagnosis *d;

	if (!growing && !process_ended_on_purpose(p))
		return;
	d = diag_new(out, n >= SEVERAL ? SEV_WARNING : SEV_NOTE, CONF_LIKELY);
	say(d, p, row, n, s);
	diag_count(d, n);
	diag_evidence(d, row[0]->born, row[0]->thread, row[0]->stack, "%u opened here, by %s",
		      s ? s->made : n, say_thread(p, row[0]->thread));
	for (u32 i = 0; i < n; i++) {
		diag_object(d, "queue", (u64)(u32)row[i]->num, row[i]->stack,
			    "message queue '%s' (descriptor %d)", name_of(p, row[i]), row[i]->num);
		diag_about(d, ABOUT_FD, (u64)row[i]->num);
		last = row[i]->used > last->used ? row[i] : last;
	}
	if (last->used)
		diag_evidence(d, last->used, last->used_by, 0, "'%s' was used last, by %s",
			      name_of(p, last), say_thread(p, last->used_by));
	diag_role(d, row[0]->stack);
	if (s)
		diag_about(d, ABOUT_SITE, s->serial);
}

static bool is_left_name(const struct st_queue *q)
{
	return q->flags & QF_MADE && q->stack;
}

static bool is_first_of_its_place(const struct model_process *p, const struct st_queue *row)
{
	FOR_EACH_ROW(p, queue, q)
	if (is_left_name(q) && q->stack == row->stack)
		return q == row;
	return false;
}

static void tell_names(const struct model_process *p, struct findings *out,
		       const struct st_queue *first)
{
	struct diagnosis *d = diag_new(out, SEV_NOTE, CONF_CERTAIN);
	u32 n = 0;

	FOR_EACH_ROW(p, queue, q)
	{
		if (!is_left_name(q) || q->stack != first->stack)
			continue;
		if (n++ < NAMED)
			diag_evidence(d, q->born, q->thread, n == 1 ? q->stack : 0,
				      "'%s' was made by %s", q->name, say_thread(p, q->thread));
	}
	diag_title(d, "%u name%s of message queues made in %s %s never removed", n,
		   n == 1 ? "" : "s", say_place(p, first->stack), n == 1 ? "was" : "were");
	diag_what(d,
		  "%s made the message queue '%s'%s, and nobody had called mq_unlink() for %s when "
		  "the process ended.",
		  say_place(p, first->stack), first->name, n > 1 ? " and others" : "",
		  n > 1 ? "them" : "it");
	diag_why(d,
		 "A queue and its messages outlive the process until its name is removed, or the "
		 "system goes down.");
	diag_fix(d, "mq_unlink() the name, unless it is meant to be found by the next process.");
	diag_count(d, n);
	diag_role(d, first->stack);
	diag_role_word(d, "name");
}

void rule_queue_leak(const struct model_process *p, struct findings *out)
{
	const struct st_fd **row = malloc((p->fd.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, fd, f)
	if (is_left(p, f))
		row[n++] = f;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0, end; i < n; i = end) {
		for (end = i; end < n && row[end]->stack == row[i]->stack; end++)
			;
		judge(p, out, row + i, end - i);
	}
	free(row);
	if (!process_ended_on_purpose(p))
		return;
	FOR_EACH_ROW(p, queue, q)
	if (is_left_name(q) && is_first_of_its_place(p, q))
		tell_names(p, out, q);
}
