/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the core share: a state in memory, lines in a file that can be read back,
 * threads that exist in the books only.
 */
#ifndef TESTS_CORE_H
#define TESTS_CORE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/lock.h"
#include "base/modules.h"
#include "state/arena.h"
#include "state/held.h"
#include "state/sync.h"
#include "state/thread.h"
#include "trace/event.h"
#include "trace/sink.h"

/* In threads and children, where cmocka's own may not be used. */
#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static struct thread *self; /* the thread that runs the tests */
static int lines_fd = -1;

/* The core asks init.c for these; here there is none. */
struct thread *scope_enter_slow(void)
{
	return thread_self;
}

static inline int core_up(void **s)
{
	char err[128];

	(void)s;
	config_parse("max_memory=64", err, sizeof(err));
	lines_fd = memfd_create("lines", MFD_CLOEXEC);
	if (modules_init() < 0 || arena_open(-1, 64u << 20) < 0 ||
	    sink_open(lines_fd, 64u << 20) < 0)
		return -1;
	self = thread_new(NULL, 0, TF_MAIN);
	if (!self)
		return -1;
	thread_begin(self);
	return 0;
}

/* Lines of this event so far. */
static inline unsigned lines_of(const char *event)
{
	off_t n = lseek(lines_fd, 0, SEEK_END);
	char *text = mmap(NULL, (size_t)n, PROT_READ, MAP_SHARED, lines_fd, 0), start[64];
	unsigned found = 0;

	assert_ptr_not_equal(text, MAP_FAILED);
	snprintf(start, sizeof(start), "{\"ev\":\"%s\",", event);
	for (char *c = text; (c = memmem(c, (size_t)(text + n - c), start, strlen(start))); c++)
		found++;
	munmap(text, (size_t)n);
	return found;
}

/* A thread that never runs: its rows are there, with a tid nobody has. */
static inline struct thread *paper_thread(void)
{
	static u32 tid = 1u << 29;
	struct thread *t = thread_new(NULL, 0, 0);

	assert_non_null(t);
	t->live = t->live_kept;
	t->tid = t->row->tid = t->live->tid = tid++;
	t->live->wait_fd = -1;
	__atomic_store_n(&t->live->thread, t->serial, __ATOMIC_RELEASE);
	return t;
}

static inline void paper_thread_gone(struct thread *t)
{
	t->row->flags |= TF_ENDED;
	thread_discard(t);
}

static inline void hold(struct thread *t, u64 addr, u8 mode)
{
	held_try_known(t->live, t->live->nheld, addr, mode, 0, 0x1000, 0x2000);
	held_got(t->live);
}

static inline void wait_for(struct thread *t, u32 call, u64 addr, u32 flags)
{
	struct wait w = {.call = call, .addr = addr, .fd = -1, .flags = flags};
	struct wait_outer o;

	wait_begin(t, &o, &w, 0x1000, 0x2000, 1);
}

struct crew {
	pthread_barrier_t start;
	void (*work)(int nth);
	int next;
};

static inline void *crew_member(void *arg)
{
	struct crew *c = arg;
	struct thread *t = thread_new(self, 0, 0);
	int nth = __atomic_fetch_add(&c->next, 1, __ATOMIC_RELAXED);

	CHECK(t);
	thread_bind(t->row_index, t->serial, (u64)pthread_self());
	thread_begin(t);
	pthread_barrier_wait(&c->start);
	c->work(nth);
	thread_end(t);
	return NULL;
}

/* Runs work(0) … work(n - 1), each in an observed thread, all at once. */
static inline void crew_run(int n, void (*work)(int nth))
{
	struct crew c = {.work = work};
	pthread_t th[64];

	assert_in_range(n, 1, 64);
	pthread_barrier_init(&c.start, NULL, (unsigned)n);
	for (int i = 0; i < n; i++)
		assert_int_equal(pthread_create(&th[i], NULL, crew_member, &c), 0);
	for (int i = 0; i < n; i++) {
		u32 row = thread_find((u64)th[i]);

		pthread_join(th[i], NULL);
		if (row)
			thread_reap(row);
	}
	pthread_barrier_destroy(&c.start);
}

#endif
