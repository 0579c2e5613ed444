/* SPDX-License-Identifier: MIT */
/*
 * Owns: which locks of threads that a fork left behind are held in this process for ever. See
 * fork_locks.h. The books only say where to look and who took it where; what proves a lock held is
 * its own words in the child's memory, copied at the moment of the fork: glibc's owner (mutexes,
 * writers), or the state it had then where there is no owner (readers, spinlocks, C++ guards).
 * Whoever makes a lock anew changes these words. Not glibc's pthread_once: it sees by itself that
 * the initialiser was left behind by a fork, and runs it again. Nothing is locked: a child has one
 * thread when its list is made.
 */
#include "detect/fork_locks.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/sys.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { KEPT = 64, WRITE_LOCKED = 2, READER = 8 /* bits of glibc's __readers */ };
enum { ROBUST = 16, PSHARED = 128 /* bits of glibc's __kind */ };

struct kept_lock {
	u64 addr;
	u32 thread, tid, stack;
	u8 mode;	/* HELD_* */
	bool announced; /* it was in the act of taking it */
};
/* Before a fork, in memory of its own that is unmapped on both sides. */
struct before {
	u32 n, forker, stack;
	struct kept_lock lock[KEPT];
};
static __thread struct before *before TLS_IE;

bool fork_locks_possible;
static struct {
	u32 n, forker, forker_tid, stack;
	struct kept_lock lock[KEPT];
	bool told[KEPT];
} child;

/* ---- before the fork, and after it in the parent
 * ------------------------------------------------------------------------------------------- */

static void keep(struct kept_lock *list, u32 *n, const struct st_live *l)
{
	u64 both = __atomic_load_n((const u64 *)(const void *)&l->nheld, __ATOMIC_ACQUIRE);
	u32 held = (u32)both, all = held + (both >> 32 ? 1 : 0);

	for (u32 i = 0; i < all && i < HELD_MAX && *n < KEPT; i++) {
		const struct st_held *h = &l->held[i];

		if (h->addr && !(h->flags & HF_INHERITED))
			list[(*n)++] = (struct kept_lock){.addr = h->addr,
							  .thread = l->thread,
							  .tid = l->tid,
							  .stack = h->stack,
							  .mode = h->mode,
							  .announced = i >= held};
	}
}

static bool keep_others(struct st_live *l, void *arg)
{
	struct before *b = arg;

	if (l->thread != b->forker)
		keep(b->lock, &b->n, l);
	return false;
}

COLD void fork_locks_before(struct thread *t)
{
	struct before *b;

	if (!t || __atomic_load_n(&state->threads_live, __ATOMIC_RELAXED) < 2 || before)
		return;
	b = sys_mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_failed(b))
		return;
	b->forker = t->serial;
	b->stack = stack_here(t);
	live_each(keep_others, b);
	before = b;
}

COLD void fork_locks_after(void)
{
	struct before *b = before;

	before = NULL;
	if (b)
		sys_munmap(b, sizeof(*b));
}

/* ---- the words of a lock
 * -----------------------------------------------------------------------------------------------------
 */

/* Every byte of a lock lies in one page or two; what a row of the books names may be gone. A signal
 * mask is read from there for a call that is refused: no call less would do in a sandbox. */
static bool readable(u64 addr, size_t n)
{
	u64 last = (addr + n - 1) & ~7ull;

	return sys_call(SYS_rt_sigprocmask, -1, addr & ~7ull, 0, 8) == -EINVAL &&
	       sys_call(SYS_rt_sigprocmask, -1, last, 0, 8) == -EINVAL;
}

/* Of one that other processes share its holder may well give it back. */
static bool mutex_shared(const pthread_mutex_t *m)
{
	return m->__data.__kind & (ROBUST | PSHARED);
}

static u32 mutex_owner(const pthread_mutex_t *m)
{
	return (u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED) & 0x3fffffff;
}

/* Is it held as the entry says, in this process's memory? */
static bool held_here(const struct kept_lock *k)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)k->addr;
	const pthread_rwlock_t *rw = (const void *)(uintptr_t)k->addr;
	const pthread_spinlock_t *spin = (const void *)(uintptr_t)k->addr;
	const unsigned char *guard = (const void *)(uintptr_t)k->addr;

	if (k->mode == HELD_MUTEX)
		return readable(k->addr, sizeof(*m)) && !mutex_shared(m) && m->__data.__lock &&
		       (mutex_owner(m) == k->tid || (k->announced && !mutex_owner(m)));
	if (k->mode == HELD_WRITE)
		return readable(k->addr, sizeof(*rw)) && !rw->__data.__shared &&
		       rw->__data.__readers & WRITE_LOCKED &&
		       (u32)rw->__data.__cur_writer == k->tid;
	if (k->announced)
		return false; /* who got it is in no word */
	if (k->mode == HELD_READ)
		return readable(k->addr, sizeof(*rw)) && !rw->__data.__shared &&
		       rw->__data.__readers >= READER;
	if (k->mode == HELD_SPIN)
		return readable(k->addr, sizeof(*spin)) && *(const volatile int *)spin <= 0;
	return k->mode == HELD_ONCE && readable(k->addr, 8) && !guard[0] && guard[1];
}

/* ---- in the child
 * ----------------------------------------------------------------------------------------------------------
 */

static bool child_has(const struct kept_lock *k)
{
	for (u32 i = 0; i < child.n; i++)
		if (child.lock[i].addr == k->addr && child.lock[i].thread == k->thread)
			return true;
	return false;
}

static void child_add(const struct kept_lock *k)
{
	if (child.n < KEPT && !child_has(k) && held_here(k))
		child.lock[child.n++] = *k;
}

static bool from_row(struct st_live *l, void *arg)
{
	struct before *b = arg;

	b->n = 0;
	if (l->tid != child.forker_tid)
		keep(b->lock, &b->n, l);
	for (u32 i = 0; i < b->n; i++)
		child_add(&b->lock[i]);
	return false;
}

/* The row of the thread that forked: pthread_self() is the same on both sides. */
static void find_forker(void)
{
	u64 self = (u64)pthread_self();
	u32 n = state->table[TABLE_thread].used;

	child.forker = child.forker_tid = child.stack = 0;
	for (u32 i = 1; i < n; i++) {
		const struct st_thread *r = row_get(TABLE_thread, i);

		if (r && r->serial && r->pthread == self && !(r->flags & (TF_ENDED | TF_FORKED))) {
			child.forker = r->serial;
			child.forker_tid = r->tid;
		}
	}
}

/* What this process had inherited itself is as held in its child. */
static void child_carry_over(void)
{
	u32 n = child.n;

	child.n = 0;
	memset(child.told, 0, sizeof(child.told));
	for (u32 i = 0; i < n; i++)
		if (held_here(&child.lock[i]))
			child.lock[child.n++] = child.lock[i];
}

COLD void fork_locks_child(void)
{
	struct before *b = before, *scratch;

	if (!b && state->threads_live < 2 && !fork_locks_possible)
		return;
	fork_locks_possible = true;
	child_carry_over();
	find_forker();
	scratch = arena_private(sizeof(*scratch));
	if (scratch) {
		live_each(from_row, scratch);
		arena_private_free(scratch, sizeof(*scratch));
	}
	if (b) {
		child.stack = b->stack;
		for (u32 i = 0; i < b->n; i++)
			child_add(&b->lock[i]);
	}
	fork_locks_after();
}

/* No thread of this process has that id. Where the kernel may not be asked, the books must know
 * whose it was. */
static bool is_left_behind(u32 tid, const struct kept_lock *k)
{
	long rc;

	if (!tid || tid == child.forker_tid || live_find_tid(tid))
		return false;
	rc = sys_call(SYS_tgkill, sys_getpid(), tid, 0, 0);
	return rc == -ESRCH || (rc == -EPERM && k && k->tid == tid);
}

static struct kept_lock *kept_find(u64 addr, u8 mode, u32 tid)
{
	for (u32 i = 0; i < child.n; i++)
		if (child.lock[i].addr == addr && child.lock[i].mode == mode &&
		    (!tid || child.lock[i].tid == tid))
			return &child.lock[i];
	return NULL;
}

struct count {
	u64 addr;
	u32 n;
};
static bool count_holds(struct st_live *l, void *arg)
{
	struct count *c = arg;

	for (u32 i = 0; i < l->nheld && i < HELD_MAX; i++)
		if (l->held[i].addr == c->addr)
			c->n += l->held[i].count ? l->held[i].count : 1;
	return false;
}
static u32 held_in_child(u64 addr)
{
	struct count c = {.addr = addr};

	live_each(count_holds, &c);
	return c.n;
}

/* Who in the parent holds what this thread is about to wait for; `*found` has what is known of it.
 */
static bool holder(const struct st_live *l, struct kept_lock *found)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)l->wait_addr;
	const pthread_rwlock_t *rw = (const void *)(uintptr_t)l->wait_addr;
	u8 mode = 0;
	u32 tid = 0;
	struct kept_lock *k;

	switch (l->wait_call) {
	case CALL_mutex_lock:
		mode = HELD_MUTEX;
		tid = mutex_owner(m);
		if (mutex_shared(m))
			return false;
		break;
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
		if (rw->__data.__shared)
			return false;
		tid = (u32)__atomic_load_n(&rw->__data.__cur_writer, __ATOMIC_RELAXED);
		mode = tid ? HELD_WRITE : HELD_READ;
		break;
	case CALL_spin_lock:
		mode = HELD_SPIN;
		break;
	case CALL_cxa_guard:
		mode = HELD_ONCE;
		break;
	default:
		return false;
	}
	k = kept_find(l->wait_addr, mode, tid);
	*found = k ? *k : (struct kept_lock){.addr = l->wait_addr, .tid = tid, .mode = mode};
	if (tid)
		return is_left_behind(tid, k);
	if (!k || !held_here(k))
		return false;
	if (mode == HELD_MUTEX) /* in the act of taking it: only if nobody else can be */
		return state->threads_live == 1;
	if (mode == HELD_READ && l->wait_call == CALL_rwlock_wrlock)
		return rw->__data.__readers / READER > held_in_child(l->wait_addr);
	return mode != HELD_READ && !held_in_child(l->wait_addr);
}

/* The parent's thread of that tid, as its copied row says. */
static u32 serial_of(u32 tid)
{
	u32 n = state->table[TABLE_thread].used, serial = 0;

	for (u32 i = 1; tid && i < n; i++) {
		const struct st_thread *r = row_get(TABLE_thread, i);

		if (r && r->serial > serial && r->tid == tid && r->flags & TF_FORKED)
			serial = r->serial;
	}
	return serial;
}

static const char *word_of(u8 mode)
{
	static const char *const words[] = {"", "mutex", "read", "write", "spin", "guard"};

	return mode < ARRAY_SIZE(words) ? words[mode] : "";
}

static enum sync_kind kind_of(u8 mode)
{
	switch (mode) {
	case HELD_MUTEX:
		return SYNC_mutex;
	case HELD_READ:
	case HELD_WRITE:
		return SYNC_rwlock;
	case HELD_SPIN:
		return SYNC_spin;
	default:
		return SYNC_once;
	}
}

static void mark_told(u64 addr)
{
	for (u32 i = 0; i < child.n; i++)
		child.told[i] |= child.lock[i].addr == addr;
}

COLD void fork_locks_check_slow(struct thread *t)
{
	const struct st_live *l = t->live;
	struct kept_lock k;
	struct event_misuse e = {.kind = "fork-with-locks-held", .fd = -1};

	if (l->wait_flags & (WF_TIMED | WF_NONBLOCK) || !holder(l, &k))
		return;
	e.obj = l->wait_obj;
	e.addr = l->wait_addr;
	e.call = call_name(l->wait_call);
	e.detail = word_of(k.mode);
	e.stack = l->wait_stack ? l->wait_stack : stack_here(t);
	e.other = k.thread ? k.thread : serial_of(k.tid);
	e.other_stack = k.stack;
	e.third = child.forker;
	e.third_stack = child.stack;
	mark_told(k.addr);
	event_misuse(t->serial, &e);
	state->stuck = 1; /* after the line: who is told by it reads the line */
}

COLD void fork_locks_end(struct thread *t)
{
	if (!t || !fork_locks_possible ||
	    (state->threads_made < 2 && clock_now() - state->started < 1000000000u))
		return;
	for (u32 i = 0; i < child.n; i++) {
		const struct kept_lock *k = &child.lock[i];
		struct st_sync *s = sync_row(sync_find(k->addr, kind_of(k->mode)));
		struct event_misuse e = {.kind = "fork-with-locks-held",
					 .fd = -1,
					 .addr = k->addr,
					 .detail = word_of(k->mode),
					 .other = k->thread,
					 .other_stack = k->stack,
					 .third = child.forker,
					 .third_stack = child.stack};

		if (child.told[i] || !held_here(k))
			continue;
		e.obj = s ? s->serial : 0;
		mark_told(k->addr);
		event_misuse(t->serial, &e);
	}
}
