/* SPDX-License-Identifier: MIT */
/*
 * What one thread waits for, and by what was seen who could end it: see wake.h. Owns the indices of
 * locks held and of roles; called from wake.c only. Not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"
#include "wake.h"

#define ROLE_SENDS    1u /* role.role */
#define ROLE_RECEIVES 2u
enum { ROLE_SYNC = 1, ROLE_FD, ROLE_MQ }; /* role.kind */
#define FLIGHT	    200000000u		  /* ns: a thread that was woken runs by then */
#define COARSE	    10000000u		  /* ns: times of descriptors are those of the last tick */
#define PARTIES_MAX (1u << 22)

struct wake_held {
	u64 addr, pc;
	u32 who, stack, mode;
};
struct wake_roles { /* pointers, sorted by object and by thread */
	const struct st_role **row, **by;
	u32 n;
};

/* ---- indices ------------------------------------------------------------------------------------
 */
static int role_compare(const void *a, const void *b)
{
	const struct st_role *x = *(const struct st_role *const *)a,
			     *y = *(const struct st_role *const *)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->obj != y->obj)
		return x->obj < y->obj ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static int by_compare(const void *a, const void *b)
{
	const struct st_role *x = *(const struct st_role *const *)a,
			     *y = *(const struct st_role *const *)b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	return role_compare(a, b);
}

static int held_compare(const void *a, const void *b)
{
	const struct wake_held *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->who < y->who ? -1 : x->who > y->who;
}

static int index_held(struct wake *k)
{
	for (u32 i = 0; i < k->n; i++) {
		const struct st_live *l = k->thread[i].live;

		for (u32 j = 0; j < l->nheld && j < HELD_MAX; j++) {
			const struct st_held *h = &l->held[j];
			int rc = array_room((void **)&k->held, k->nheld, &k->cap_held,
					    sizeof(*k->held), PARTIES_MAX);

			if (rc == -ENOMEM)
				return rc;
			if (rc == 0 && h->addr)
				k->held[k->nheld++] = (struct wake_held){.addr = h->addr,
									 .pc = h->pc,
									 .who = i,
									 .stack = h->stack,
									 .mode = h->mode};
		}
	}
	if (k->nheld)
		qsort(k->held, k->nheld, sizeof(*k->held), held_compare);
	return 0;
}

int wake_index(struct wake *k)
{
	struct wake_roles *r = calloc(1, sizeof(*r));

	k->roles = r;
	if (!r || !(r->row = malloc(((size_t)k->p->role.n + 1) * sizeof(*r->row))) ||
	    !(r->by = malloc(((size_t)k->p->role.n + 1) * sizeof(*r->by))))
		return -ENOMEM;
	FOR_EACH_ROW(k->p, role, row)
	r->by[r->n] = row, r->row[r->n++] = row;
	if (r->n) {
		qsort(r->row, r->n, sizeof(*r->row), role_compare);
		qsort(r->by, r->n, sizeof(*r->by), by_compare);
	}
	return index_held(k);
}

void wake_index_free(struct wake *k)
{
	if (k->roles) {
		free(k->roles->row);
		free(k->roles->by);
	}
	free(k->roles);
	free(k->held);
}

/* First row of (kind, obj), or n. */
static u32 role_first(const struct wake *k, u32 kind, u32 obj)
{
	u32 lo = 0, hi = k->roles->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct st_role *r = k->roles->row[mid];

		if (r->kind < kind || (r->kind == kind && r->obj < obj))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct st_role *const *wake_roles(const struct wake *k, u32 kind, u32 obj, u32 *n)
{
	u32 from = role_first(k, kind, obj), to = from;

	while (to < k->roles->n && k->roles->row[to]->kind == kind && k->roles->row[to]->obj == obj)
		to++;
	*n = to - from;
	return k->roles->row + from;
}

const struct st_role *const *wake_roles_by(const struct wake *k, u32 thread, u32 *n)
{
	u32 lo = 0, hi = k->roles->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (k->roles->by[mid]->thread < thread)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < k->roles->n && k->roles->by[lo + *n]->thread == thread;)
		++*n;
	return k->roles->by + lo;
}

static u32 held_first(const struct wake *k, u64 addr)
{
	u32 lo = 0, hi = k->nheld;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (k->held[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* ---- what it waits for
 * --------------------------------------------------------------------------- */
static u32 call_of_mode(u32 mode)
{
	return mode == HELD_READ    ? CALL_rwlock_rdlock
	       : mode == HELD_WRITE ? CALL_rwlock_wrlock
	       : mode == HELD_SPIN  ? CALL_spin_lock
	       : mode == HELD_ONCE  ? CALL_once
				    : CALL_mutex_lock;
}

/* Inside a lock call for what looked free: it waits only if another holds it. */
static void wait_announced(struct wake *k, struct wake_thread *t)
{
	const struct st_live *l = t->live;
	const struct st_held *h = &l->held[l->nheld < HELD_MAX ? l->nheld : 0];
	u32 me = (u32)(t - k->thread);

	if (!l->acquiring || l->nheld >= HELD_MAX || !h->addr)
		return;
	for (u32 i = held_first(k, h->addr); i < k->nheld && k->held[i].addr == h->addr; i++) {
		if (k->held[i].who == me)
			continue;
		t->kind = WAKE_LOCK;
		t->blocked = true;
		t->call = call_of_mode(h->mode);
		t->addr = h->addr;
		t->sync = process_sync_at(k->p, h->addr);
		t->stack = h->stack;
		t->pc = h->pc;
	}
}

/* ROLE_* of who could end such a call; 0: nobody in the process alone. */
static u32 role_wanted(u32 call)
{
	switch (call) {
	case CALL_read:
	case CALL_pread:
	case CALL_readv:
	case CALL_preadv:
	case CALL_recv:
	case CALL_recvfrom:
	case CALL_recvmsg:
	case CALL_recvmmsg:
	case CALL_fread:
	case CALL_fgets:
	case CALL_getline:
	case CALL_fgetc:
	case CALL_fscanf:
	case CALL_mq_receive:
		return ROLE_SENDS;
	case CALL_write:
	case CALL_pwrite:
	case CALL_writev:
	case CALL_pwritev:
	case CALL_send:
	case CALL_sendto:
	case CALL_sendmsg:
	case CALL_sendmmsg:
	case CALL_fwrite:
	case CALL_fputs:
	case CALL_fputc:
	case CALL_fprintf:
	case CALL_fflush:
	case CALL_mq_send:
		return ROLE_RECEIVES;
	default:
		return 0;
	}
}

static const struct model_event *other_end(const struct wake *k, const struct st_fd *f)
{
	const struct model_event *last = NULL;

	FOR_EACH_EVENT(k->p, "other_end", e)
	if ((i32)event_int(e, "fd") == f->num && event_int(e, "gen") == f->gen)
		last = e;
	return last;
}

/* A child made since may have got it; whether it has let go of it, only the kernel could say. */
static bool forked_since(const struct wake *k, u64 born)
{
	FOR_EACH_EVENT(k->p, "fork", e)
	if (e->t >= born)
		return true;
	return false;
}

/* Could somebody outside of the process end a wait on F? */
static bool is_outside(const struct wake *k, const struct st_fd *f)
{
	const struct model_event *e = other_end(k, f);

	if (f->flags & (FF_INHERITED | FF_LEARNED))
		return true;
	switch (f->kind) {
	case FDK_pipe:
	case FDK_socketpair:
		break;
	case FDK_eventfd: /* has no number of its own by which the kernel could tell it */
		return f->flags & FF_PASSED || forked_since(k, f->born);
	case FDK_mqueue:
		return e ? event_int(e, "others") != 0 : forked_since(k, f->born);
	default:
		return true;
	}
	if (e) /* nobody has it, neither here nor elsewhere: then the wait would have ended */
		return event_int(e, "others") || !event_int(e, "ends");
	return f->flags & FF_PASSED || forked_since(k, f->born);
}

static void wait_fd(struct wake *k, struct wake_thread *t)
{
	const struct st_fd *f = process_fd(k->p, t->live->wait_fd);

	t->role = role_wanted(t->call);
	if (!t->role || !f || !f->open || is_outside(k, f))
		return;
	t->fd = f;
	t->kind = f->kind == FDK_mqueue ? WAKE_MQ : WAKE_FD;
	t->named = f->kind == FDK_mqueue;
	t->blocked = !(f->flags & FF_NONBLOCK);
}

static void wait_object(struct wake *k, struct wake_thread *t)
{
	const struct st_live *l = t->live;

	t->addr = l->wait_addr;
	t->sync =
	    l->wait_obj ? process_sync(k->p, l->wait_obj) : process_sync_at(k->p, l->wait_addr);
	if (!t->sync || (t->sync->flags & (SF_PSHARED | SF_NAMED)))
		return;
	t->kind = WAKE_OBJECT;
	t->role = t->sync->kind == SYNC_barrier ? ROLE_RECEIVES : ROLE_SENDS;
	t->blocked = true;
}

void wake_wait_of(struct wake *k, struct wake_thread *t)
{
	const struct st_live *l = t->live;

	t->call = l->wait_call;
	t->flags = l->wait_flags;
	t->stack = l->wait_stack;
	t->pc = l->wait_pc;
	t->since = l->wait_since;
	if (l->wait_call && l->wait_flags & (WF_TIMED | WF_NONBLOCK) &&
	    l->wait_call != CALL_cond_wait)
		return;
	switch (call_class(l->wait_call)) {
	case CLASS_NONE:
		wait_announced(k, t);
		break;
	case CLASS_LOCK:
	case CLASS_ONCE:
		t->kind = WAKE_LOCK;
		t->addr = l->wait_addr;
		t->sync = l->wait_obj ? process_sync(k->p, l->wait_obj)
				      : process_sync_at(k->p, l->wait_addr);
		t->blocked = true;
		break;
	case CLASS_JOIN:
		t->kind = WAKE_JOIN;
		t->join = l->wait_obj;
		t->blocked = t->join != 0;
		break;
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_BARRIER:
		wait_object(k, t);
		break;
	case CLASS_FD:
	case CLASS_MQ:
		wait_fd(k, t);
		break;
	default:
		break;
	}
	if (l->wait_flags & WF_TIMED) /* a condvar's: its mutex may still keep it, see wake.c */
		t->blocked = false;
}

/* ---- tokens under way
 * ---------------------------------------------------------------------------- */
static bool was_watched(const struct wake *k, const struct wake_thread *t, bool *any)
{
	FOR_EACH_EVENT(k->p, "watched", e)
	{
		const json_t *list = json_object_get(e->js, "threads"), *v;
		size_t i;

		*any = true;
		if (t->since && e->t < t->since + FLIGHT)
			continue;
		json_array_foreach (list, i, v)
			if (json_u64(v) == t->serial)
				return true;
	}
	return false;
}

/* Last time somebody did what the waiter waits for. */
static u64 last_token(const struct wake *k, const struct wake_thread *t)
{
	const struct st_fd *peer;
	u64 last = 0;

	if (t->sync)
		return t->sync->woken;
	peer = t->fd->peer >= 0 ? process_fd(k->p, t->fd->peer) : NULL;
	if (peer)
		last = peer->used;
	if (t->kind == WAKE_FD && !peer)
		last = t->fd->used;
	return last ? last + COARSE : 0;
}

/* Those who stand at a barrier with as many as it counts have been let go. */
static bool barrier_full(const struct wake *k, const struct wake_thread *t)
{
	u32 n = 0;

	for (u32 i = 0; i < k->n; i++)
		n += k->thread[i].call == t->call && k->thread[i].addr == t->addr;
	return t->sync->value && n >= t->sync->value;
}

bool wake_in_flight(const struct wake *k, const struct wake_thread *t)
{
	bool any = false;
	u64 token;

	if (was_watched(k, t, &any))
		return false;
	if (any) /* it moved, or came later */
		return true;
	if (t->kind == WAKE_OBJECT && t->sync->kind == SYNC_barrier && barrier_full(k, t))
		return true;
	token = t->kind == WAKE_OBJECT || t->fd ? last_token(k, t) : 0;
	if (k->p->facts.ended == ENDED_RUNNING) /* its rows are not of one moment */
		return true;
	if (t->kind == WAKE_OBJECT && !t->since &&
	    k->p->has_state) /* may be in a call that does not block */
		return true;
	return (!t->since || token >= t->since) && k->seen < token + FLIGHT;
}

/* ---- parties
 * ------------------------------------------------------------------------------------- */
static int party_add(struct wake *k, struct wake_party y)
{
	const struct wake_thread *at = wake_find(k, y.thread);
	int rc =
	    array_room((void **)&k->party, k->nparties, &k->cap_parties, sizeof(y), PARTIES_MAX);

	if (rc)
		return rc == -ENOSPC ? 0 : rc;
	y.at = at ? (u32)(at - k->thread) : WAKE_GONE;
	k->party[k->nparties++] = y;
	return 0;
}

/* Readers keep no reader out unless a writer waits between them. */
static bool keeps_out(const struct wake *k, const struct wake_thread *t, const struct wake_held *h)
{
	if (t->call != CALL_rwlock_rdlock || h->mode != HELD_READ)
		return true;
	if (!t->sync || !(t->sync->flags & SF_WRITERS_FIRST))
		return false;
	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].call == CALL_rwlock_wrlock && k->thread[i].addr == t->addr)
			return true;
	return false;
}

static int holders(struct wake *k, u32 i, u64 addr)
{
	const struct wake_thread *t = &k->thread[i];

	for (u32 j = addr ? held_first(k, addr) : k->nheld; j < k->nheld && k->held[j].addr == addr;
	     j++) {
		const struct wake_held *h = &k->held[j];
		struct wake_party y = {.waiter = i,
				       .thread = k->thread[h->who].serial,
				       .stack = h->stack,
				       .pc = h->pc,
				       .how = PARTY_HOLDS};

		if (h->who == i && t->kind != WAKE_LOCK)
			continue;
		if (keeps_out(k, t, h) && party_add(k, y))
			return -ENOMEM;
	}
	return 0;
}

/* A lock that its holder took with it when it ended. */
static int dead_holder(struct wake *k, u32 i)
{
	const struct wake_thread *t = &k->thread[i];

	FOR_EACH_EVENT(k->p, "misuse", e)
	{
		const char *kind = event_str(e, "kind");
		struct wake_party y = {.waiter = i,
				       .thread = e->thread,
				       .how = PARTY_HOLDS,
				       .stack = (u32)event_int(e, "other_stack")};

		if (t->kind == WAKE_LOCK && event_int(e, "addr") == t->addr && t->addr &&
		    (strcmp(kind, "lock-held-at-thread-exit") == 0 ||
		     strcmp(kind, "cancelled-while-holding-lock") == 0) &&
		    !wake_find(k, e->thread) &&
		    (!t->sync || t->sync->serial == event_int(e, "obj")))
			return party_add(k, y);
	}
	return 0;
}

static int woke(struct wake *k, u32 i, u32 kind, u32 obj, u32 gen, u32 role)
{
	const struct wake_roles *r = k->roles;

	for (u32 j = role_first(k, kind, obj);
	     j < r->n && r->row[j]->kind == kind && r->row[j]->obj == obj; j++) {
		const struct st_role *row = r->row[j];
		struct wake_party y = {.waiter = i,
				       .thread = row->thread,
				       .stack = row->stack,
				       .count = row->count,
				       .last = row->last,
				       .how = PARTY_WOKE};

		if (row->role == role && (kind == ROLE_SYNC || row->gen == gen) && party_add(k, y))
			return -ENOMEM;
	}
	return 0;
}

static int users_of_fd(struct wake *k, u32 i)
{
	const struct wake_thread *t = &k->thread[i];
	const struct st_fd *peer = t->fd->peer >= 0 ? process_fd(k->p, t->fd->peer) : NULL;
	u32 before = k->nparties;
	int rc = 0;

	if (t->fd->kind == FDK_eventfd)
		return woke(k, i, ROLE_FD, (u32)t->fd->num, t->fd->gen, t->role);
	if (t->kind == WAKE_FD)
		return peer && peer->open ? woke(k, i, ROLE_FD, (u32)peer->num, peer->gen, t->role)
					  : 0;
	rc = woke(k, i, ROLE_MQ, (u32)t->fd->num, t->fd->gen, t->role);
	/* The same queue may be open under another number. */
	FOR_EACH_ROW(k->p, fd, f)
	if (rc == 0 && k->nparties == before && f != t->fd && f->open && f->kind == FDK_mqueue)
		rc = woke(k, i, ROLE_MQ, (u32)f->num, f->gen, t->role);
	return rc;
}

int wake_parties_of(struct wake *k, u32 i)
{
	struct wake_thread *t = &k->thread[i];
	int rc = 0;

	t->party = k->nparties;
	switch (t->kind) {
	case WAKE_LOCK:
		rc = holders(k, i, t->addr);
		if (rc == 0 && k->nparties == t->party)
			rc = dead_holder(k, i);
		break;
	case WAKE_JOIN:
		rc = party_add(
		    k, (struct wake_party){.waiter = i, .thread = t->join, .how = PARTY_JOINED});
		break;
	case WAKE_OBJECT:
		if (t->call == CALL_cond_wait)
			rc = holders(k, i, t->live->wait_with_addr);
		if (rc == 0)
			rc = woke(k, i, ROLE_SYNC, t->sync->serial, 0, t->role);
		break;
	case WAKE_FD:
	case WAKE_MQ:
		rc = users_of_fd(k, i);
		break;
	case WAKE_NOT:
		break;
	}
	t->nparties = k->nparties - t->party;
	return rc;
}
