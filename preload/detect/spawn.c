/* SPDX-License-Identifier: MIT */
/*
 * Owns: what is noted of a thread's birth for the rules about threads that nobody limits, stops or
 * waits for. See spawn.h. Doesn't: judge; the reporter does.
 */
#include "detect/spawn.h"

#include <string.h>

#include "base/config.h"
#include "base/modules.h"
#include "state/fds.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/sync.h"

/* ---- before main, in dlopen, by a library
 * ---------------------------------------------------------------------------------------- */

/* What every program is made of: it calls for others. */
static bool is_runtime(const struct module *m)
{
	static const char *const names[] = {"libc.so",	   "libc-2.",	"libpthread",
					    "ld-linux",	   "ld-2.",	"libstdc++.so",
					    "libgcc_s.so", "libc++.so", "libc++abi.so"};
	const char *base = strrchr(m->path, '/');

	base = base ? base + 1 : m->path;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(base, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_system(const struct module *m)
{
	static const char *const dirs[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};

	for (size_t i = 0; m->id && i < sizeof(dirs) / sizeof(*dirs); i++)
		if (strncmp(m->path, dirs[i], strlen(dirs[i])) == 0)
			return true;
	return false;
}

/* The first frame that is no runtime's tells whose thread it is. */
static bool by_system_library(const struct st_frame *f, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		const struct module *m = module_find((uintptr_t)f[i].pc - 1);

		if (m && !module_is_self((uintptr_t)f[i].pc) && !is_runtime(m))
			return is_system(m);
	}
	return false;
}

/* The loader calls constructors; it also calls destructors when the process ends. */
static bool inside_loader(const struct st_frame *f, u32 n)
{
	if (state->phase != PHASE_RUN)
		return false;
	for (u32 i = 0; i < n; i++)
		if (module_is_loader((uintptr_t)f[i].pc - 1))
			return true;
	return false;
}

u32 spawn_flags(u32 stack)
{
	const struct st_frame *f = NULL;
	u32 n = stack_frames(stack, &f), flags = 0;

	if (n && by_system_library(f, n))
		flags |= TF_LIBRARY;
	if (!state->main_started)
		return flags | TF_BEFORE_MAIN;
	if (n && inside_loader(f, n))
		flags |= TF_IN_DLOPEN;
	return flags;
}

/* ---- for a request
 * ---------------------------------------------------------------------------------------------------------------
 */

/* The creator is the last who had to do with it. */
static bool is_its(const struct st_fd *f, u32 serial)
{
	if (!f->open)
		return f->closed_by == serial;
	return f->used_by ? f->used_by == serial : f->thread == serial;
}

void spawn_request(struct thread *creator, struct st_thread *row)
{
	struct st_fd *f = creator->serving ? fd_get((int)creator->serving - 1) : NULL;

	if (!f || f->flags & FF_LISTEN || !fd_is_of_peer(f) || !is_its(f, creator->serial))
		return;
	row->req_fd = f->num;
	row->req_gen = f->gen;
	row->req_reads = (u32)f->reads;
	row->req_writes = (u32)f->writes;
}

/* ---- rounds
 * ----------------------------------------------------------------------------------------------------------------------
 */

enum { PAUSE = 50 * 1000 * 1000 /* ns */, ROUND_MIN = 4, LOOK_FROM = 16, CALLS = 8 };

#define CALL_CLASS(name, class) CLASS_##class,
static const u8 class_of[] = {TRACE_CALLS(CALL_CLASS)};

/* Waits for something outside of the process: work that others hand over is none. */
static bool is_foreign(const struct st_live *l)
{
	u32 call = l->wait_call;
	const struct st_fd *f;

	if (call >= CALL_MAX || call == CALL_accept || call == CALL_msgrcv ||
	    call == CALL_mq_receive)
		return false;
	switch (class_of[call]) {
	case CLASS_FD:
	case CLASS_POLL:
	case CLASS_SLEEP:
	case CLASS_DISK:
	case CLASS_CHILD:
	case CLASS_NET:
	case CLASS_MQ:
	case CLASS_SYSV:
		break;
	default:
		return false;
	}
	f = l->wait_fd >= 0 ? fd_get(l->wait_fd) : NULL;
	/* a queue that another thread made */
	return !f || f->thread == l->thread ||
	       !(f->kind == FDK_pipe || f->kind == FDK_socketpair || f->kind == FDK_eventfd);
}

struct look { /* the commonest call sites, as Misra and Gries find them */
	u32 alive;
	struct {
		u64 pc;
		u32 call, n;
	} at[CALLS];
};

static void look_count(struct look *k, const struct st_live *l)
{
	u32 room = CALLS;

	for (u32 c = 0; c < CALLS; c++) {
		if (k->at[c].n && k->at[c].pc == l->wait_pc) {
			k->at[c].n++;
			return;
		}
		room = k->at[c].n ? room : c;
	}
	for (u32 c = 0; c < CALLS && room == CALLS; c++)
		k->at[c].n--;
	if (room < CALLS) {
		k->at[room].pc = l->wait_pc;
		k->at[room].call = l->wait_call;
		k->at[room].n = 1;
	}
}

static void look(struct st_site *s, u32 site)
{
	u32 n = state->table[TABLE_thread].used;
	struct look k = {0};

	for (u32 i = 1; i < n; i++) {
		const struct st_thread *row = row_get(TABLE_thread, i);
		const struct st_live *l;

		if (!row || row->site != site || row->flags & TF_ENDED || !row->live)
			continue;
		l = row_get(TABLE_live, row->live);
		if (!l || l->thread != row->serial)
			continue;
		k.alive++;
		if (!(row->flags & TF_SERVES) && is_foreign(l))
			look_count(&k, l);
	}
	for (u32 c = 0; c < CALLS; c++) {
		if (k.at[c].n <= s->blocked)
			continue;
		s->blocked = k.at[c].n;
		s->blocked_of = k.alive;
		s->blocked_call = k.at[c].call;
		s->blocked_pc = k.at[c].pc;
	}
}

/* A pause of its creator, much longer than those between the births before it. */
static bool is_pause(const struct thread *t, const struct st_site *s, u64 now)
{
	u64 gap = now - s->round_last,
	    mean = s->round > 1 ? (s->round_last - s->round_began) / (s->round - 1) : 0;

	return gap >= PAUSE && gap >= 4 * mean &&
	       (s->round_by != t->serial || s->round_waits != t->waits);
}

static void round_ends(struct st_site *s, u32 site, u32 live)
{
	if (s->round > s->round_most)
		s->round_most = s->round;
	if (s->round < ROUND_MIN)
		return;
	s->rounds++;
	if (live > s->round_live) {
		s->climb++;
		s->level = 0;
	} else {
		s->climb = 0;
		s->level += live >= s->peak - s->peak / 4;
	}
	if (s->climb > s->climb_most)
		s->climb_most = s->climb;
	if (live >= LOOK_FROM && live >= s->blocked_of + s->blocked_of / 4)
		look(s, site);
}

/* What the creator was woken from last. A wait that has ended leaves its address in the record. */
static void note_gate(const struct thread *t, struct st_site *s)
{
	u64 addr = t->live ? t->live->wait_addr : 0;
	u32 i;

	if (!addr || (s->round_by == t->serial && s->round_waits == t->waits))
		return;
	i = sync_find(addr, SYNC_cond);
	i = i ? i : sync_find(addr, SYNC_sem);
	if (i)
		s->gate = sync_row(i)->serial;
}

/* Unlocked: where several threads start others at one place, a count may be lost. */
void spawn_round(struct thread *creator, struct st_thread *row)
{
	struct st_site *s = site_get(row->site);
	u32 live = s ? s->made - s->gone : 0;

	if (!s || !live)
		return;
	if (live >= (u32)config.crowd && !(s->flags & XF_CROWD))
		__atomic_fetch_or(&s->flags, XF_CROWD, __ATOMIC_RELAXED);
	note_gate(creator, s);
	if (!s->round || is_pause(creator, s, row->born)) {
		if (s->round)
			round_ends(s, row->site, live - 1);
		s->round = 0;
		s->round_began = row->born;
		s->round_live = live - 1;
	}
	s->round++;
	s->round_last = row->born;
	s->round_by = creator->serial;
	s->round_waits = creator->waits;
}
