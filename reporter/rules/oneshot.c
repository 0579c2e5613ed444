/* SPDX-License-Identifier: MIT */
/*
 * One-shot timers by birth site, and what they are a case of. See oneshot.h. Pure; called by
 * forgotten_cancel.c and timer_per_iteration.c.
 */
#include "oneshot.h"

#include <stdio.h>
#include <stdlib.h>

#define SEVERAL 4u  /* calls that left one each */
#define MANY	8u  /* rounds of a loop */
#define SURE	16u /* left by a process that runs or was killed */
#define CERTAIN 64u
#define LATE	(100 * 1000000ull)
#define SPAN	(500 * 1000000ull)
#define SECOND	1000000000ull

/* ---- facts
 * -------------------------------------------------------------------------------------------------
 */

static bool is_alive(const struct st_timer *t)
{
	return (t->kind == TIMER_posix || t->kind == TIMER_timerfd) && !(t->flags & MF_DELETED) &&
	       !t->died;
}

static bool is_once(const struct st_timer *t)
{
	return t->arms == 1 && !t->interval;
}

static bool is_returned(const struct st_timer *t)
{
	return (t->flags & (MF_RETURNED | MF_CREATOR_ENDED)) != 0;
}

static bool is_wait(u32 call)
{
	enum trace_call_class c = call_class(call);

	return c == CLASS_POLL || c == CLASS_COND || c == CLASS_SEM || c == CLASS_SYSV ||
	       call == CALL_mq_receive;
}

/* What it did next was to wait for something that comes by itself: not the answer on a connection
 * it writes to itself. */
static bool waits_next(const struct model_process *p, const struct st_timer *t)
{
	const struct st_fd *f;

	if (is_wait(t->then_call) || t->then_call == CALL_accept)
		return true;
	if (call_class(t->then_call) != CLASS_FD || !(t->flags & MF_RECEIVED))
		return false;
	f = process_fd(p, (int)t->then_addr);
	switch (t->then_kind) {
	case FDK_file:
	case FDK_dir:
	case FDK_timerfd:
	case FDK_memfd:
	case FDK_shm:
		return false;
	}
	switch (t->then_call) {
	case CALL_write:
	case CALL_writev:
	case CALL_send:
	case CALL_sendto:
	case CALL_sendmsg:
	case CALL_sendmmsg:
	case CALL_connect:
		return false;
	}
	return !f || t->then_kind != FDK_socket || !f->writes;
}

/* Is it polled still? In an epoll set it is until it is closed, wanted or not. */
static void add_use(struct shots *s, const struct model_process *p, const struct st_timer *t)
{
	const struct st_fd *f = process_fd(p, (int)t->id);

	if (!s->fd)
		s->dropped++;
	else if (f && f->open && f->flags & FF_USED_LATE)
		s->in_use++;
	else if (f && f->open)
		s->dropped += !(f->flags & FF_IN_EPOLL);
}

static void add_gap(struct shots *s, const struct model_process *p, const struct st_timer *t,
		    const struct st_timer *next)
{
	u64 again = next->armed ? next->armed : next->born;

	s->gaps++;
	s->superseded += again < t->armed + t->value;
	s->lasted += (t->flags & MF_LASTED) != 0;
	s->acted += t->then_call != CALL_none;
	s->received += (t->flags & MF_RECEIVED) != 0;
	s->waits += waits_next(p, t);
}

static void add(struct shots *s, const struct model_process *p, const struct st_timer *t)
{
	u64 now = p->facts.ended_at;

	s->once += is_once(t);
	s->returned += is_returned(t);
	s->orphans += (t->flags & MF_CREATOR_ENDED) != 0;
	s->inside += is_returned(t) && t->flags & MF_INSIDE;
	s->with_work += (t->flags & MF_WITH_WORK) != 0;
	s->pending += t->flags & MF_ARMED && t->armed + t->value > now;
	s->overdue += t->armed && t->armed + t->value + LATE < now &&
		      !(t->kind == TIMER_timerfd && t->flags & MF_CONSUMED);
	add_use(s, p, t);
}

/* Births are timed coarsely, armings exactly. */
static void rate_of(struct shots *s)
{
	const struct st_site *m = s->site;
	u64 first = UINT64_MAX, last = 0, made = s->n;

	for (u32 i = 0; i < s->n; i++) {
		u64 t = s->row[i]->armed;

		first = t && t < first ? t : first;
		last = t > last ? t : last;
	}
	if (m && m->last > m->first && m->last - m->first >= SECOND / 10) {
		first = m->first;
		last = m->last;
		made = s->made;
	}
	s->span = last > first ? last - first : 0;
	s->per_second = s->span ? (double)(made - 1) * SECOND / (double)s->span : 0;
}

static void add_site(struct shots *s, const struct model_process *p)
{
	const struct st_timer *t = s->row[0];
	const struct st_site *fds = s->fd ? process_site(p, SITE_fd, 0, t->stack) : NULL, *m;

	m = s->site = process_site(p, SITE_timer, t->site, t->stack);
	s->fd_site = fds ? fds->serial : 0;
	s->made = m && m->made > s->n ? m->made : s->n;
	s->gone = m ? m->gone : 0;
	s->peak = m && m->peak > s->n ? m->peak : s->n;
	s->growing = m && m->flags & XF_GROWING;
	rate_of(s);
	s->refused = (m && m->failed) || (fds && fds->failed);
	s->limit = s->fd ? p->head.nofile : p->head.sigpending;
	s->taken = s->peak;
	s->near = s->limit && (u64)s->peak * 10 >= (u64)s->limit * 9;
}

static struct shots shots_of(const struct model_process *p, const struct st_timer **row, u32 n)
{
	struct shots s = {.row = row, .fd = row[0]->kind == TIMER_timerfd};
	const struct frames *f = process_frames(p, row[0]->stack);

	for (; s.n < n && row[s.n]->stack == row[0]->stack; s.n++) {
		bool first = !s.n || row[s.n - 1]->thread != row[s.n]->thread;

		s.threads += first;
		if (!first)
			add_gap(&s, p, row[s.n - 1], row[s.n]);
		add(&s, p, row[s.n]);
	}
	s.inlined = f->n && f->f[0].inlined;
	add_site(&s, p);
	return s;
}

/* ---- judgement
 * -------------------------------------------------------------------------------------------------
 */

static bool most(u32 n, u32 of)
{
	return n * 4 >= of * 3;
}

/* The thread that made it never sends anything: all it does with queues is receive. */
static bool only_receives(const struct model_process *p, u32 thread)
{
	FOR_EACH_ROW(p, role, r)
	if (r->thread == thread && r->role == 1)
		return false;
	return true;
}

/*
 * It sent something, after the first of the timers was made, before it ever received: it asks, and
 * what it waits for is the answer. Rows of role come in the order in which the thread took them up.
 */
static bool asks_first(const struct model_process *p, const struct st_timer *first)
{
	FOR_EACH_ROW(p, role, r)
	if (r->thread == first->thread && r->role != 4)
		if (r->role == 2 || r->last >= first->born)
			return r->role == 1;
	return false;
}

static bool is_one_object(const struct shots *s)
{
	u32 same = 0;

	for (u32 i = 0; i < s->n; i++)
		same += s->row[i]->then_addr == s->row[0]->then_addr;
	return same * 4 >= (s->n - 1) * 3;
}

/*
 * A loop that waits for messages makes one for each wait. A timerfd is in the poll set with what
 * the messages come by. A POSIX timer is made in the loop itself, which goes on to wait; or in a
 * function called by it: then it must be the same thing that is waited for each time, within the
 * call, or by a thread that does nothing else. What was asked for first is an answer, no message.
 */
static bool is_per_wait(const struct model_process *p, const struct shots *s)
{
	if (s->gaps < (MANY - 1) * s->threads || !most(s->superseded, s->gaps) ||
	    s->received * 2 < s->gaps)
		return false;
	if (s->fd)
		return most(s->with_work, s->n) && s->in_use * 2 <= s->n;
	if (!most(s->waits, s->gaps))
		return false;
	if (s->lasted * 2 > s->gaps && !s->inlined)
		return !asks_first(p, s->row[0]);
	if (!is_one_object(s))
		return false;
	return only_receives(p, s->row[0]->thread) ||
	       (!s->inlined && s->inside * 2 > s->n && !asks_first(p, s->row[0]));
}

/*
 * Their calls have returned. Where the function was inlined, that its return is not seen makes no
 * difference: it has been entered again. Without debug information this is known of what was left
 * for a newer one after something had been done in between.
 */
static bool is_forgotten(const struct shots *s)
{
	if (s->fd && s->with_work * 2 > s->n)
		return false;
	if (s->returned * 2 > s->n)
		return true;
	return s->superseded && most(s->superseded, s->gaps) &&
	       ((s->inlined && s->gaps + 1 >= SEVERAL) ||
		(s->gaps + 1 >= MANY && most(s->acted, s->gaps)));
}

static enum shots_case case_of(const struct model_process *p, const struct shots *s)
{
	if (s->n < SEVERAL || !most(s->once, s->n - 1) || s->gone > s->n)
		return SHOTS_NONE;
	if (is_per_wait(p, s))
		return SHOTS_PER_WAIT;
	return is_forgotten(s) ? SHOTS_FORGOTTEN : SHOTS_NONE;
}

/*
 * That they are there proves nothing while the process goes on: what each was made for may be under
 * way. It isn't where its time is over, where what it was made for was done within the call, where
 * no poll has it any more, or where hardly any of very many was ever deleted.
 */
static bool is_known_left(const struct model_process *p, const struct shots *s, enum shots_case c)
{
	u32 over = c == SHOTS_PER_WAIT ? s->dropped : s->inside;

	if (process_ended_on_purpose(p) || s->growing || s->refused || s->near)
		return true;
	if (s->n >= SURE && s->gone * 8 <= s->n && (over * 2 > s->n || s->overdue * 2 > s->n))
		return true;
	return s->n >= CERTAIN && s->gone * 16 <= s->n && s->site &&
	       s->site->last - s->site->first >= SPAN;
}

static int row_compare(const void *a, const void *b)
{
	const struct st_timer *x = *(const struct st_timer *const *)a,
			      *y = *(const struct st_timer *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

void oneshot_each(const struct model_process *p, struct findings *out, enum shots_case which,
		  shots_fn *fn)
{
	const struct st_timer **row = malloc((p->timer.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, timer, t)
	if (is_alive(t))
		row[n++] = t;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct shots s = shots_of(p, row + i, n - i);

		if (case_of(p, &s) == which && is_known_left(p, &s, which))
			fn(out, p, &s);
		i += s.n;
	}
	free(row);
}

/* ---- words
 * -------------------------------------------------------------------------------------------------
 */

enum severity oneshot_severity(const struct shots *s)
{
	return s->refused || s->near ? SEV_ERROR : SEV_WARNING;
}

const char *oneshot_rate(const struct shots *s)
{
	static char text[64];

	text[0] = 0;
	if (s->per_second >= 10)
		snprintf(text, sizeof(text), ", about %.0f a second", s->per_second);
	else if (s->per_second >= 1)
		snprintf(text, sizeof(text), ", about %.1f a second", s->per_second);
	else if (s->per_second > 0)
		snprintf(text, sizeof(text), ", about %.1f a minute", s->per_second * 60);
	return text;
}

const char *oneshot_left(const struct shots *s)
{
	static char text[96];
	double left;

	text[0] = 0;
	if (s->per_second <= 0 || s->span < SECOND || s->limit <= s->taken || s->refused)
		return text;
	left = (s->limit - s->taken) / s->per_second;
	if (left < 86400 * 30)
		snprintf(text, sizeof(text), "; at this rate none is left in %s",
			 say_time((u64)(left * 1e9)));
	return text;
}

void oneshot_tell(struct diagnosis *d, const struct model_process *p, const struct shots *s)
{
	const struct st_timer *t = s->row[0], *last = s->row[s->n - 1];

	diag_count(d, s->n);
	diag_role(d, t->stack);
	diag_evidence(d, t->born, t->thread, t->stack,
		      "made here; %u made in all, %u deleted, %u exist now, %u at once at most%s",
		      s->made, s->gone, s->n, s->peak, oneshot_rate(s));
	if (last->arm_stack)
		diag_evidence(d, last->armed, last->thread, last->arm_stack,
			      "the newest was armed here, once, for %s", say_time(last->value));
	diag_evidence(d, p->facts.ended_at, 0, 0, "%u have not fired yet; %s is %u, %u taken here",
		      s->pending, s->fd ? "RLIMIT_NOFILE" : "RLIMIT_SIGPENDING", s->limit,
		      s->taken);
	diag_thread(d, t->thread);
	if (s->fd_site)
		diag_about(d, ABOUT_SITE, s->fd_site);
	for (u32 i = 0; i < s->n; i++) {
		diag_timer(d, s->row[i]);
		diag_about(d, ABOUT_TIMER, s->row[i]->serial);
		if (s->fd)
			diag_about(d, ABOUT_FD, s->row[i]->id);
	}
}
