/* SPDX-License-Identifier: MIT */
/* Living threads by birth site. See crowd.h. Pure; called by two rules. */
#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROLE_SYNC = 1, ROLE_SENDS = 1 }; /* role.kind, role.role */

const struct st_live *crowd_live(const struct model_process *p, const struct st_thread *t)
{
	const struct st_live *v = process_live(p, t->serial);

	return v && v->tid == t->tid && !(t->flags & TF_ENDED) ? v : NULL;
}

bool crowd_blocked(const struct st_live *v)
{
	enum trace_call_class class = v ? call_class(v->wait_call) : CLASS_NONE;

	return class != CLASS_NONE && class != CLASS_SPIN && !(v->wait_flags & WF_NONBLOCK);
}

static bool is_member(const struct crowd *c, const struct st_thread *t)
{
	return !t || t->stack == c->row[0]->stack; /* one that has gone may have been one */
}

/* Threads of the crowd that wait for the same object. */
static u32 sharing(const struct model_process *p, const struct crowd *c, const struct st_live *v)
{
	u32 n = 0;

	for (u32 i = 0; i < c->n; i++) {
		const struct st_live *w = crowd_live(p, c->row[i]);

		n += w && w->wait_call == v->wait_call && w->wait_addr == v->wait_addr;
	}
	return n;
}

static bool object_brings_work(const struct model_process *p, const struct crowd *c,
			       const struct st_live *v)
{
	const struct st_sync *s =
	    v->wait_obj ? process_sync(p, v->wait_obj) : process_sync_at(p, v->wait_addr);
	bool any = false;

	if (!s || s->flags & (SF_NAMED | SF_PSHARED))
		return true;
	FOR_EACH_ROW(p, role, r)
	{
		if (r->kind != ROLE_SYNC || r->obj != s->serial || !(r->role & ROLE_SENDS))
			continue;
		if (!is_member(c, process_thread(p, r->thread)))
			return true;
		any = true;
	}
	return !any && sharing(p, c, v) > 1;
}

static bool descriptor_brings_work(const struct model_process *p, const struct st_thread *t,
				   const struct st_live *v)
{
	const struct st_fd *f = process_fd(p, v->wait_fd);

	if (v->wait_call == CALL_accept)
		return true;
	if (!f || !f->open || f->thread == t->serial)
		return false;
	return f->kind == FDK_pipe || f->kind == FDK_socketpair || f->kind == FDK_eventfd ||
	       f->kind == FDK_epoll;
}

bool crowd_takes_work(const struct model_process *p, const struct crowd *c,
		      const struct st_thread *t)
{
	const struct st_live *v = crowd_live(p, t);

	switch (v ? call_class(v->wait_call) : CLASS_NONE) {
	case CLASS_COND:
	case CLASS_SEM:
		return object_brings_work(p, c, v);
	case CLASS_BARRIER:
	case CLASS_SIGNAL:
	case CLASS_FUTEX:
		return true;
	case CLASS_FD:
	case CLASS_POLL:
		return descriptor_brings_work(p, t, v);
	case CLASS_MQ:
		return v->wait_call == CALL_mq_receive;
	case CLASS_SYSV:
		return v->wait_call == CALL_msgrcv;
	default:
		return false;
	}
}

const struct st_thread *crowd_place(const struct model_process *p, const struct crowd *c, u32 *n)
{
	const struct st_thread *best = NULL;

	*n = 0;
	for (u32 i = 0; i < c->n && *n * 2 <= c->n; i++) {
		const struct st_live *v = crowd_live(p, c->row[i]);
		u32 same = 0;

		if (!crowd_blocked(v) || crowd_takes_work(p, c, c->row[i]))
			continue;
		for (u32 k = i; k < c->n && k < i + 4096; k++) {
			const struct st_live *w = crowd_live(p, c->row[k]);

			same += w && w->wait_call == v->wait_call && w->wait_pc == v->wait_pc &&
				!(c->row[k]->flags & TF_SERVES) &&
				!crowd_takes_work(p, c, c->row[k]);
		}
		if (same > *n) {
			*n = same;
			best = c->row[i];
		}
		if (i > 64)
			break;
	}
	return best;
}

const char *say_call_at(const struct model_process *p, const struct st_live *v)
{
	static char text[2][512];
	static unsigned next;
	char *s = text[next++ % 2];
	const struct frames *f =
	    v->wait_stack ? process_frames(p, v->wait_stack) : process_frames_pc(p, v->wait_pc);

	snprintf(s, sizeof(text[0]), "%s() called in %s", call_name(v->wait_call),
		 say_frame(frames_program(f)));
	return s;
}

void crowd_about(struct diagnosis *d, const struct model_process *p, const struct st_thread *t)
{
	diag_about(d, ABOUT_THREAD, t->serial);
	FOR_EACH_ROW(p, fd, f)
	if (f->open && f->thread == t->serial)
		diag_about(d, ABOUT_FD, (u64)f->num);
}

static bool is_candidate(const struct model_process *p, const struct st_thread *t)
{
	return !(t->flags & (TF_MAIN | TF_ADOPTED | TF_FORKED | TF_ENDED)) && t->stack &&
	       crowd_live(p, t);
}

static int row_compare(const void *a, const void *b)
{
	const struct st_thread *x = *(const struct st_thread *const *)a,
			       *y = *(const struct st_thread *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

void crowd_each(const struct model_process *p, struct findings *out,
		void (*fn)(const struct model_process *p, struct findings *out,
			   const struct crowd *c))
{
	const struct st_thread **row = malloc((p->thread.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, thread, t)
	if (is_candidate(p, t))
		row[n++] = t;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct crowd c = {.row = row + i};

		while (i < n && row[i]->stack == c.row[0]->stack)
			i++, c.n++;
		c.site = process_site(p, SITE_thread, c.row[0]->site, c.row[0]->stack);
		fn(p, out, &c);
	}
	free(row);
}
