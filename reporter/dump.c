/* SPDX-License-Identifier: MIT */
/*
 * Gathers what a dump shows: see dump.h. Rows of a living process change while they are read:
 * nothing here relies on two of them agreeing. Reporter only, not signal-safe.
 */
#include "dump.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proc.h"

static u64 monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static void name_thread(struct dump *d, struct dump_thread *t)
{
	char file[48];

	if (t->row)
		snprintf(t->name, sizeof(t->name), "%.16s", t->row->name);
	snprintf(file, sizeof(file), "task/%u/comm", t->tid);
	if (d->alive)
		proc_line(d->pid, file, t->name, sizeof(t->name));
}

static int compare(const void *a, const void *b)
{
	const struct dump_thread *x = a, *y = b;

	if (!x->serial != !y->serial)
		return !x->serial - !y->serial; /* the observed ones first */
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static struct dump_thread *add(struct dump *d, u32 tid)
{
	struct dump_thread *t = realloc(d->thread, (d->n + 1) * sizeof(*t));

	if (!t)
		return NULL;
	d->thread = t;
	t += d->n++;
	memset(t, 0, sizeof(*t));
	t->tid = tid;
	return t;
}

static bool knows_tid(const struct dump *d, u32 tid)
{
	for (u32 i = 0; i < d->n; i++)
		if (d->thread[i].tid == tid)
			return true;
	return false;
}

/* Threads that live by the tables; what the kernel says has gone meanwhile is left out. */
static int add_observed(struct dump *d)
{
	FOR_EACH_ROW(d->p, live, l)
	{
		char state = d->alive ? proc_state(d->pid, (pid_t)l->tid) : 0;
		struct dump_thread *t;

		if (d->alive && !state)
			continue;
		t = add(d, l->tid);
		if (!t)
			return -ENOMEM;
		t->serial = l->thread;
		t->state = state;
		t->live = l;
		t->row = process_thread(d->p, l->thread);
		name_thread(d, t);
	}
	return 0;
}

static int add_unobserved(struct dump *d)
{
	char path[64];
	struct dirent *e;
	int rc = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", d->pid);
	dir = opendir(path);
	while (dir && !rc && (e = readdir(dir))) {
		u32 tid = (u32)strtoul(e->d_name, NULL, 10);
		struct dump_thread *t;

		if (!tid || knows_tid(d, tid))
			continue;
		t = add(d, tid);
		if (!t) {
			rc = -ENOMEM;
			break;
		}
		t->state = proc_state(d->pid, (pid_t)tid);
		name_thread(d, t);
	}
	if (dir)
		closedir(dir);
	return rc;
}

u32 dump_nheld(const struct dump_thread *t)
{
	if (!t->live)
		return 0;
	return t->live->nheld < HELD_MAX ? t->live->nheld : HELD_MAX;
}

static bool holds(const struct dump_thread *t, u64 addr)
{
	for (u32 i = 0; i < dump_nheld(t); i++)
		if (t->live->held[i].addr == addr)
			return true;
	return false;
}

u32 dump_holder(const struct dump *d, u32 waiter, u32 from)
{
	const struct st_live *l = d->thread[waiter].live;
	enum trace_call_class class = l ? call_class(l->wait_call) : CLASS_NONE;

	for (u32 i = from; i < d->n; i++) {
		const struct dump_thread *t = &d->thread[i];

		if ((class == CLASS_LOCK || class == CLASS_ONCE) && l->wait_addr &&
		    holds(t, l->wait_addr))
			return i;
		if (class == CLASS_JOIN && l->wait_obj && t->serial == l->wait_obj)
			return i;
	}
	return d->n;
}

static u32 call_of_mode(u32 mode)
{
	return mode == HELD_READ    ? CALL_rwlock_rdlock
	       : mode == HELD_WRITE ? CALL_rwlock_wrlock
	       : mode == HELD_SPIN  ? CALL_spin_lock
	       : mode == HELD_ONCE  ? CALL_once
				    : CALL_mutex_lock;
}

/* Readers don't keep a reader out. */
static bool kept_out(const struct dump *d, const struct st_live *self, const struct st_held *want)
{
	for (u32 i = 0; i < d->n; i++) {
		const struct dump_thread *t = &d->thread[i];

		for (u32 k = 0; t->live != self && t->live && k < dump_nheld(t); k++)
			if (t->live->held[k].addr == want->addr &&
			    (want->mode != HELD_READ || t->live->held[k].mode != HELD_READ))
				return true;
	}
	return false;
}

/* A lock that looked free is announced by the entry that will say "held": the thread is inside the
 * call. If another holds the lock against it, somebody was faster, and it waits; if nobody does, it
 * has just got it. */
static void settle_announced(struct dump *d)
{
	FOR_EACH_ROW(d->p, live, l)
	{
		const struct st_held *h = &l->held[l->nheld < HELD_MAX ? l->nheld : 0];

		if (!l->acquiring || l->wait_call || l->nheld >= HELD_MAX || !h->addr)
			continue;
		if (!kept_out(d, l, h)) {
			l->nheld++;
			continue;
		}
		l->wait_call = call_of_mode(h->mode);
		l->wait_addr = h->addr;
		l->wait_obj = 0;
		l->wait_fd = -1;
		l->wait_stack = h->stack;
		l->wait_pc = h->pc;
		l->wait_since = 0;
	}
}

/* Can this wait only end when `to` lets go? Not with a timeout; and readers keep readers out only
 * while a writer waits. */
static bool bound_to(const struct dump *d, u32 at, u32 to)
{
	const struct st_live *l = d->thread[at].live, *h = d->thread[to].live;
	bool read_only = l->wait_call == CALL_rwlock_rdlock;

	if (l->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return false;
	for (u32 i = 0; read_only && h && i < dump_nheld(&d->thread[to]); i++)
		if (h->held[i].addr == l->wait_addr && h->held[i].mode != HELD_READ)
			read_only = false;
	for (u32 i = 0; read_only && i < d->n; i++) {
		const struct st_live *w = d->thread[i].live;

		if (w && w->wait_call == CALL_rwlock_wrlock && w->wait_addr == l->wait_addr)
			read_only = false;
	}
	return !read_only;
}

/* Depth first from `at`; `seen`: 1 on the path, 2 done. A read lock has several holders, so there
 * are branches. */
static bool find_ring(struct dump *d, u32 at, unsigned char *seen, u32 depth)
{
	seen[at] = 1;
	d->ring[depth] = at;
	for (u32 to = 0; (to = dump_holder(d, at, to)) < d->n; to++) {
		if (!bound_to(d, at, to))
			continue;
		if (seen[to] == 1) {
			u32 first = 0;

			while (d->ring[first] != to)
				first++;
			d->nring = depth + 1 - first;
			memmove(d->ring, d->ring + first, d->nring * sizeof(*d->ring));
			return true;
		}
		if (!seen[to] && find_ring(d, to, seen, depth + 1))
			return true;
	}
	seen[at] = 2;
	return false;
}

static int look_for_ring(struct dump *d)
{
	unsigned char *seen = calloc(d->n + 1, 1);

	d->ring = calloc(d->n + 1, sizeof(*d->ring));
	if (seen && d->ring)
		for (u32 i = 0; i < d->n && !d->nring; i++)
			if (!seen[i])
				find_ring(d, i, seen, 0);
	for (u32 i = 0; i < d->nring; i++)
		d->thread[d->ring[i]].in_ring = true;
	free(seen);
	return d->ring ? 0 : -ENOMEM;
}

/* A soft limit by its name in /proc/PID/limits; -1 unknown or unlimited. */
static long proc_limit(pid_t pid, const char *name)
{
	char path[64], line[256];
	long v = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		const char *p = line + strlen(name);

		if (strncmp(line, name, strlen(name)) || !strstr(p, " "))
			continue;
		p += strspn(p, " ");
		v = isdigit((unsigned char)*p) ? strtol(p, NULL, 10) : -1;
	}
	if (f)
		fclose(f);
	return v;
}

static long known(long v)
{
	return v > 0 ? v : -1;
}

static void count(struct dump *d)
{
	const struct st_header *h = &d->p->head;
	struct dump_count *threads = &d->count[0], *fds = &d->count[1], *timers = &d->count[2];

	*threads =
	    (struct dump_count){"threads", "RLIMIT_NPROC, of all the user's", (long)d->n, -1, -1};
	*fds = (struct dump_count){"descriptors", "RLIMIT_NOFILE", known(h->fds_open),
				   known(h->fds_peak), known(h->nofile)};
	*timers = (struct dump_count){"timers", "RLIMIT_SIGPENDING, of all the user's",
				      h->timers_live, known(h->timers_peak), known(h->sigpending)};
	if (!d->alive)
		return;
	fds->now = proc_count(d->pid, "fd");
	fds->limit = proc_limit(d->pid, "Max open files");
	threads->limit = proc_limit(d->pid, "Max processes");
	timers->limit = proc_limit(d->pid, "Max pending signals");
	if (fds->now < 0)
		fds->now = known(h->fds_open);
	if (fds->peak >= 0 && fds->peak < fds->now)
		fds->peak = fds->now;
}

int dump_make(struct dump *d, struct model_process *p, pid_t pid)
{
	int rc;

	memset(d, 0, sizeof(*d));
	d->p = p;
	d->pid = pid;
	d->alive = pid != 0;
	rc = add_observed(d);
	if (!rc && d->alive)
		rc = add_unobserved(d);
	d->now = d->alive ? monotonic() : p->facts.ended_at;
	if (!rc) {
		qsort(d->thread, d->n, sizeof(*d->thread), compare);
		settle_announced(d);
		rc = look_for_ring(d);
	}
	if (rc)
		dump_free(d);
	else
		count(d);
	return rc;
}

void dump_free(struct dump *d)
{
	free(d->thread);
	free(d->ring);
	memset(d, 0, sizeof(*d));
}

const struct frames *dump_wait_frames(const struct dump *d, const struct dump_thread *t)
{
	const struct frames *f = process_frames(d->p, t->live->wait_stack);

	return f->n ? f : process_frames_pc(d->p, t->live->wait_pc);
}

const struct frames *dump_held_frames(const struct dump *d, const struct st_held *h)
{
	const struct frames *f = process_frames(d->p, h->stack);

	return f->n ? f : process_frames_pc(d->p, h->pc);
}
