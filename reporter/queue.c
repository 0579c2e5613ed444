/* SPDX-License-Identifier: MIT */
/* Queues, recognised by what threads do: see queue.h. Pure. */
#include <stdio.h>
#include <string.h>
#include "queue.h"
#include "rules/rule.h"

#define SENDS	 1u /* role.role */
#define RECEIVES 2u
enum { ROLE_SYNC = 1, ROLE_FD, ROLE_MQ }; /* role.kind */
#define COARSE 10000000u		  /* ns: role.last and fd.used are those of the last tick */

/* ---- objects and their sides
 * --------------------------------------------------------------------- */
static struct queue_at at_sync(const struct st_sync *s)
{
	return (struct queue_at){.kind = ROLE_SYNC, .obj = s->serial, .sync = s};
}

static struct queue_at at_fd(const struct st_fd *f)
{
	return (struct queue_at){
	    .kind = f->kind == FDK_mqueue ? ROLE_MQ : ROLE_FD, .obj = (u32)f->num, .fd = f};
}

/* What a role row is about, if it still is: the same opening of a number. */
static struct queue_at at_row(const struct wake *k, const struct st_role *r)
{
	const struct st_sync *s = r->kind == ROLE_SYNC ? process_sync(k->p, r->obj) : NULL;
	const struct st_fd *f = r->kind != ROLE_SYNC ? process_fd(k->p, (int)r->obj) : NULL;

	if (s && !(s->flags & SF_DEAD))
		return at_sync(s);
	if (f && f->gen == r->gen && f->open)
		return at_fd(f);
	return (struct queue_at){0};
}

static const struct st_fd *peer_of(const struct wake *k, const struct st_fd *f)
{
	const struct st_fd *peer = f->peer >= 0 ? process_fd(k->p, f->peer) : NULL;

	return peer && peer->open ? peer : NULL;
}

static bool same_queue(const struct st_fd *a, const struct st_fd *b)
{
	return a == b || (a->queue && a->queue == b->queue);
}

static bool is_side(const struct wake *k, const struct queue_at *at, const struct st_role *r,
		    bool other)
{
	const struct st_fd *f;

	if (at->kind != r->kind)
		return false;
	if (at->kind == ROLE_SYNC)
		return at->obj == r->obj;
	f = process_fd(k->p, (int)r->obj);
	if (!f || f->gen != r->gen)
		return false;
	if (at->kind == ROLE_MQ)
		return f->open && same_queue(f, at->fd);
	if (at->fd->kind == FDK_eventfd || !other)
		return f == at->fd;
	return f == peer_of(k, at->fd);
}

bool queue_other_side(const struct wake *k, const struct queue_at *at, const struct st_role *r)
{
	return is_side(k, at, r, true);
}

/* The rows that may be of the other side of AT, or of its own: those of at most two objects; a
 * message queue may have many descriptors. */
static const struct st_role *const *rows_of(const struct wake *k, const struct queue_at *at,
					    bool other, u32 *n)
{
	const struct st_fd *peer;

	if (at->kind != ROLE_FD || !other || at->fd->kind == FDK_eventfd)
		return wake_roles(k, at->kind, at->obj, n);
	peer = peer_of(k, at->fd);
	*n = 0;
	return peer ? wake_roles(k, ROLE_FD, (u32)peer->num, n) : NULL;
}

/* ---- who is like whom
 * ---------------------------------------------------------------------------- */
/* At one place, or at several of one function: a loop may have been unrolled. */
static bool same_place(const struct wake *k, u32 a, u32 b)
{
	const struct frame *x = frames_program(process_frames(k->p, a)),
			   *y = frames_program(process_frames(k->p, b));

	if (!x || !y)
		return false;
	if (x->function && y->function)
		return strcmp(x->function, y->function) == 0;
	return x->begin && x->begin == y->begin && x->module && y->module &&
	       strcmp(x->module, y->module) == 0;
}

static bool same_birth(const struct wake *k, u32 a, u32 b)
{
	const struct st_thread *x = process_thread(k->p, a), *y = process_thread(k->p, b);

	if (a == b || !x || !y)
		return a == b;
	if (x->stack && x->stack == y->stack)
		return true;
	return x->start && x->start == y->start && x->parent == y->parent &&
	       same_place(k, x->stack, y->stack);
}

/* Two that said or waited for something at the same place, or were started at the same place. */
static bool same_kind(const struct wake *k, const struct st_role *a, const struct st_role *b)
{
	return (a->stack && a->stack == b->stack) || same_birth(k, a->thread, b->thread);
}

static bool alike(const struct wake *k, const struct wake_thread *a, const struct wake_thread *b)
{
	return a->kind == b->kind && a->call == b->call && a->stack == b->stack &&
	       (a->stack || a->pc == b->pc) && same_birth(k, a->serial, b->serial);
}

bool queue_same_place(const struct wake *k, const struct queue_wait *a, const struct queue_wait *b)
{
	return alike(k, a->t, b->t);
}

u32 queue_gather(const struct wake *k, struct queue_wait *q, u32 n, queue_same_fn *same)
{
	u32 found = 1;

	for (u32 i = 1; i < n; i++)
		if (same(k, &q[0], &q[i])) {
			struct queue_wait swap = q[found];

			q[found++] = q[i];
			q[i] = swap;
		}
	return found;
}

static u64 first_of(const struct st_role *r)
{
	return r->first ? r->first : r->last;
}

/* ---- direction
 * ----------------------------------------------------------------------------------- */
/* When did one like R first do so there? */
static u64 kind_began(const struct wake *k, const struct queue_at *at, const struct st_role *r)
{
	u64 first = first_of(r);
	u32 n;
	const struct st_role *const *row = rows_of(k, at, false, &n);

	for (u32 i = 0; i < n; i++)
		if (row[i]->role == r->role && row[i]->gen == r->gen && same_kind(k, row[i], r) &&
		    first_of(row[i]) < first)
			first = first_of(row[i]);
	return first;
}

/* When did anybody else first end such waits as Q's? */
static u64 others_began(const struct wake *k, const struct queue_wait *q,
			const struct st_role *said)
{
	u64 first = UINT64_MAX;
	u32 n;
	const struct st_role *const *row = rows_of(k, &q->at, true, &n);

	for (u32 i = 0; i < n; i++)
		if (row[i]->role == SENDS && is_side(k, &q->at, row[i], true) &&
		    row[i]->thread != q->t->serial && !same_kind(k, row[i], said) &&
		    first_of(row[i]) < first)
			first = first_of(row[i]);
	return first;
}

/* Could what was said there be answered here? */
static bool belongs(const struct queue_wait *q, const struct queue_at *x)
{
	if (!x->kind || x->kind != q->at.kind)
		return false;
	if (x->kind != ROLE_SYNC)
		return true;
	if (x->sync->kind != q->at.sync->kind)
		return false;
	if (x->sync->kind == SYNC_cond)
		return x->sync == q->at.sync ||
		       (q->t->live->wait_with && x->sync->with == q->t->live->wait_with) ||
		       (!x->sync->with && x->sync->unheard == x->sync->posts);
	return x->sync != q->at.sync; /* one semaphore given and taken is a lock */
}

static bool is_room(const struct queue_wait *q)
{
	return q->kind == QUEUE_SEM && q->at.sync->value && !(q->at.sync->flags & SF_STATIC);
}

/* Does it give back what it waits for? Then that is a lock, or a token that goes round. */
static bool gives_back(const struct wake *k, const struct queue_wait *q)
{
	u32 n;
	const struct st_role *const *row = wake_roles_by(k, q->t->serial, &n);

	for (u32 i = 0; i < n; i++)
		if (row[i]->role == SENDS && row[i]->kind == q->at.kind && row[i]->obj == q->at.obj)
			return true;
	return false;
}

static bool announced(const struct wake *k, const struct queue_wait *q, const struct st_role *said,
		      const struct queue_at *x)
{
	u64 began;

	if (is_room(q))
		return true;
	began = kind_began(k, x, said);
	return q->waited && began < first_of(q->waited) && began < others_began(k, q, said);
}

static void look_what_it_said(const struct wake *k, struct queue_wait *q)
{
	u32 n;
	const struct st_role *const *row = wake_roles_by(k, q->t->serial, &n);

	for (u32 i = 0; i < n; i++) {
		struct queue_at x = at_row(k, row[i]);

		if (row[i]->role != SENDS || !belongs(q, &x) || !announced(k, q, row[i], &x) ||
		    (q->said && q->said->last > row[i]->last))
			continue;
		q->said = row[i];
		q->value = x;
	}
}

/* One of these rows of a thread says that it has waited for the same. */
static bool waits_too(const struct queue_wait *q, const struct st_role *const *row, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (row[i]->role == RECEIVES && row[i]->kind == q->at.kind &&
		    row[i]->obj == q->at.obj)
			return true;
	return false;
}

/* It has said nothing itself, as there is no room yet: what do those do who were started like it?
 */
static void look_at_kin(const struct wake *k, struct queue_wait *q)
{
	FOR_EACH_ROW(k->p, thread, t)
	{
		const struct st_role *const *row;
		u32 n;

		if (q->value.kind || t->serial == q->t->serial ||
		    !same_birth(k, t->serial, q->t->serial))
			continue;
		row = wake_roles_by(k, t->serial, &n);
		for (u32 i = 0; i < n && !q->value.kind; i++) {
			struct queue_at x = at_row(k, row[i]);

			if (row[i]->role == SENDS && belongs(q, &x) && x.sync != q->at.sync &&
			    (q->kind == QUEUE_SEM || x.sync->with || waits_too(q, row, n)) &&
			    kind_began(k, &x, row[i]) < others_began(k, q, row[i]))
				q->value = x;
		}
	}
}

static bool others_send(const struct wake *k, const struct queue_wait *q)
{
	return others_began(k, q, &(struct st_role){.thread = q->t->serial}) != UINT64_MAX;
}

static const struct st_role *own_row(const struct wake *k, const struct queue_wait *q)
{
	u32 n;
	const struct st_role *const *row = wake_roles_by(k, q->t->serial, &n);

	for (u32 i = 0; i < n; i++)
		if (row[i]->kind == q->at.kind && row[i]->obj == q->at.obj &&
		    row[i]->role == RECEIVES && (!q->at.fd || row[i]->gen == q->at.fd->gen))
			return row[i];
	return NULL;
}

bool queue_of(const struct wake *k, const struct wake_thread *t, struct queue_wait *q)
{
	*q = (struct queue_wait){.t = t};
	if (!t->blocked || t->ends)
		return false;
	if (t->kind == WAKE_OBJECT && (t->call == CALL_cond_wait || t->call == CALL_sem_wait)) {
		q->kind = t->call == CALL_cond_wait ? QUEUE_MONITOR : QUEUE_SEM;
		q->at = at_sync(t->sync);
	} else if (t->kind == WAKE_FD || t->kind == WAKE_MQ) {
		q->kind = t->kind == WAKE_FD ? QUEUE_FD : QUEUE_MQ;
		q->at = at_fd(t->fd);
	} else {
		return false;
	}
	if (q->at.fd && t->role == RECEIVES) { /* it takes a receiver to let it go on */
		q->dir = QUEUE_HANDS_OVER;
		q->value = q->at;
		return true;
	}
	q->waited = own_row(k, q);
	if (q->at.fd || q->kind == QUEUE_MONITOR || !gives_back(k, q)) {
		look_what_it_said(k, q);
		if (!q->said && q->at.sync)
			look_at_kin(k, q);
	}
	q->dir = q->value.kind	     ? QUEUE_HANDS_OVER
		 : others_send(k, q) ? QUEUE_RECEIVES
				     : QUEUE_UNKNOWN;
	return q->dir != QUEUE_UNKNOWN;
}

/* ---- the other side
 * ------------------------------------------------------------------------------ */
static bool waits_on(const struct st_live *l, const struct st_sync *s)
{
	enum trace_call_class c = call_class(l->wait_call);

	return (c == CLASS_COND || c == CLASS_SEM) &&
	       (l->wait_obj ? l->wait_obj == s->serial : l->wait_addr == s->addr);
}

/* W waits, at this moment, for what Q hands over. */
static bool waits_for(const struct wake *k, const struct queue_wait *q, const struct wake_thread *w)
{
	if (w == q->t || !w->live->wait_call)
		return false;
	if (q->value.sync)
		return waits_on(w->live, q->value.sync) &&
		       !(q->value.sync == q->at.sync && alike(k, q->t, w));
	if (w->kind != WAKE_FD && w->kind != WAKE_MQ)
		return false;
	return w->role == SENDS &&
	       (q->value.kind == ROLE_MQ	   ? same_queue(w->fd, q->value.fd)
		: q->value.fd->kind == FDK_eventfd ? w->fd == q->value.fd
						   : w->fd == peer_of(k, q->value.fd));
}

bool queue_receiver_waits(const struct wake *k, const struct queue_wait *q)
{
	for (u32 i = 0; i < k->n; i++)
		if (waits_for(k, q, &k->thread[i]))
			return true;
	return false;
}

bool queue_is_receiver(const struct wake *k, const struct queue_wait *q, const struct st_role *r)
{
	if (r->thread == q->t->serial || same_birth(k, r->thread, q->t->serial))
		return false;
	if (r->role == RECEIVES)
		return is_side(k, &q->value, r, true);
	return r->role == SENDS && q->at.sync && is_side(k, &q->at, r, true);
}

bool queue_is_sender(const struct wake *k, const struct queue_wait *q, const struct st_role *r)
{
	return r->thread != q->t->serial && r->role == SENDS && is_side(k, &q->at, r, true);
}

static bool cond_was_heard(const struct wake *k, const struct queue_wait *q,
			   const struct st_sync *s)
{
	bool others = s != q->at.sync;

	if (!s->woken || (s->unheard_by == q->t->serial && q->said->count <= 1))
		return false;
	/* with one condition variable for both directions its own kind may have been woken */
	FOR_EACH_ROW(k->p, role, r)
	others |= queue_is_receiver(k, q, r);
	return others && s->woken + COARSE >= q->said->last;
}

/* A condition variable: somebody waited when it was signalled. A semaphore: nothing is left in it;
 * where that is not known, somebody ever took from it. A descriptor: as many reads as writes. */
bool queue_was_received(const struct wake *k, const struct queue_wait *q)
{
	const struct st_sync *s = q->value.sync;
	const struct st_fd *peer;
	bool taken = false;

	if (!q->said)
		return false;
	if (s && s->kind == SYNC_sem) {
		if (s->flags & SF_LEFT)
			return s->left == 0;
		FOR_EACH_ROW(k->p, role, r)
		taken |= queue_is_receiver(k, q, r) && r->role == RECEIVES;
		return taken;
	}
	if (s)
		return cond_was_heard(k, q, s);
	if (q->kind == QUEUE_MQ)
		return false;
	peer = q->value.fd->kind == FDK_eventfd ? q->value.fd : peer_of(k, q->value.fd);
	return !peer || peer->reads >= q->value.fd->writes;
}

const char *say_queue(const struct wake *k, const struct queue_wait *q)
{
	static char text[4][600];
	static unsigned next;
	char *s = text[next++ % 4];
	const struct st_live *l = q->t->live;
	const struct queue_at *v = q->value.kind ? &q->value : &q->at;

	if (q->kind == QUEUE_MONITOR && (process_sync(k->p, l->wait_with) || l->wait_with_addr))
		snprintf(s, sizeof(text[0]), "the queue guarded by the %s",
			 say_sync(k->p, l->wait_with, l->wait_with_addr));
	else if (v->sync)
		snprintf(s, sizeof(text[0]), "the queue of the %s",
			 say_sync(k->p, v->sync->serial, v->sync->addr));
	else
		snprintf(s, sizeof(text[0]), "%s%s%s", say_fd(k->p, v->fd->num, v->fd->kind),
			 v->fd->stack ? ", opened in " : "",
			 v->fd->stack ? say_place(k->p, v->fd->stack) : "");
	return s;
}
