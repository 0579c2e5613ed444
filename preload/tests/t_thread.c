/* SPDX-License-Identifier: MIT */
/*
 * Thread records: births, ends, joins, reuse, look-up; waits that nest, are left, or are torn by a
 * handler.
 */
#include "tests/core.h"

#include <signal.h>

#include "state/sites.h"

static void *lives_and_dies(void *arg)
{
	struct thread *t = arg;

	thread_bind(t->row_index, t->serial, (u64)pthread_self());
	thread_begin(t);
	thread_end(t);
	return NULL;
}

static void in_sequence(int n, u32 flags)
{
	for (int i = 0; i < n; i++) {
		struct thread *t = thread_new(self, 0, flags);
		pthread_t th;
		u32 row;

		assert_non_null(t);
		row = t->row_index;
		assert_int_equal(pthread_create(&th, NULL, lives_and_dies, t), 0);
		pthread_join(th, NULL);
		if (!(flags & TF_DETACHED)) {
			struct st_thread *r = row_get(TABLE_thread, row);

			assert_int_equal(thread_find((u64)th), row);
			assert_true(r->flags & TF_ENDED);
			r->flags |= TF_JOINED;
			thread_reap(row);
		}
		assert_int_equal(thread_find((u64)th), 0);
	}
}

static void test_thousands_in_sequence(void **s)
{
	size_t shared, before, after;
	u32 rows, live;

	(void)s;
	in_sequence(10, 0);
	arena_usage(&shared, &before);
	rows = state->table[TABLE_thread].used;
	live = state->table[TABLE_live].used;
	in_sequence(5000, 0);
	in_sequence(5000, TF_DETACHED);
	arena_usage(&shared, &after);
	assert_int_equal(before, after);
	assert_int_equal(state->table[TABLE_thread].used, rows);
	assert_int_equal(state->table[TABLE_live].used, live);
	assert_int_equal(state->threads_live, 1);
}

static void keeps_coming(int nth)
{
	for (int i = 0; i < 1500; i++) {
		struct thread *t = thread_new(thread_self, 0, 0);
		u64 pthread = 1ull << 40 | (u64)nth << 32 | (u64)i << 12; /* made up */

		CHECK(t);
		thread_bind(t->row_index, t->serial, pthread);
		CHECK(thread_find(pthread) == t->row_index);
		CHECK(thread_find((u64)pthread_self()) == thread_self->row_index);
		CHECK(thread_find_serial(t->serial) == t->row_index);
		t->row->flags |= TF_ENDED;
		{
			u32 row = t->row_index;

			row_free(TABLE_live, t->live_index);
			arena_private_free(t, sizeof(*t));
			thread_reap(row);
		}
		CHECK(!thread_find(pthread));
	}
}

/* A look-up never misses a thread that is there, however others come and go in its chain. */
static void test_found_in_a_crowd(void **s)
{
	(void)s;
	crew_run(8, keeps_coming);
	assert_int_equal(state->threads_live, 1);
}

static void test_late_bind(void **s)
{
	struct thread *t = paper_thread();
	u32 row = t->row_index, serial = t->serial;

	(void)s;
	paper_thread_gone(t);
	thread_bind(row, serial, 0x1234000); /* its creator comes too late */
	assert_int_equal(thread_find(0x1234000), 0);
}

/* A handler ran before the thread's own first step and had itself adopted: one record is left, with
 * nothing counted twice. */
static void *adopted_first(void *arg)
{
	struct thread *own = arg, *by_handler = thread_new(NULL, 0, TF_ADOPTED);

	thread_bind(by_handler->row_index, by_handler->serial, (u64)pthread_self());
	thread_begin(by_handler);
	thread_bind(own->row_index, own->serial, (u64)pthread_self());
	thread_begin(own);
	CHECK(thread_self == own);
	CHECK(thread_find((u64)pthread_self()) == own->row_index);
	CHECK(live_find_tid(own->tid)->thread == own->serial);
	thread_end(own);
	return NULL;
}

static void test_adopted_before_its_start(void **s)
{
	u32 made = state->threads_made;
	struct thread *t = thread_new(self, 0, TF_DETACHED);
	pthread_t th;

	(void)s;
	assert_int_equal(pthread_create(&th, NULL, adopted_first, t), 0);
	pthread_join(th, NULL);
	assert_int_equal(state->threads_live, 1);
	assert_int_equal(state->threads_made, made + 1);
	assert_int_equal(thread_find((u64)th), 0);
}

/* ---- waits
 * -------------------------------------------------------------------------------------------------------------
 */

static void test_nested_wait(void **s)
{
	struct thread *t = paper_thread();
	struct wait outer = {.call = CALL_read, .fd = 5, .addr = 1},
		    inner = {.call = CALL_sem_wait, .fd = -1, .addr = 2};
	struct wait_outer o, i;

	(void)s;
	t->stack_lo = 0x10000;
	t->stack_hi = 0x20000;
	wait_begin(t, &o, &outer, 0x1, 0x15000, 7);
	wait_begin(t, &i, &inner, 0x2, 0x14000, 8); /* a handler, deeper */
	assert_int_equal(t->live->wait_call, CALL_sem_wait);
	wait_end(t, &i);
	assert_int_equal(t->live->wait_call, CALL_read);
	assert_int_equal(t->live->wait_fd, 5);
	assert_int_equal(t->live->wait_sp, 0x15000);
	assert_int_equal(t->live->wait_since, 7);
	wait_begin(t, &i, &inner, 0x2, 0x99000, 8); /* a handler on its own stack */
	wait_end(t, &i);
	assert_int_equal(t->live->wait_call, CALL_read);
	/* Left by longjmp: the next one from further out replaces it. */
	wait_begin(t, &i, &inner, 0x2, 0x16000, 8);
	wait_end(t, &i);
	assert_int_equal(t->live->wait_call, CALL_none);
	wait_end(t, &o);
	assert_int_equal(t->live->wait_call, CALL_none);
}

static struct thread *torn;
static int handled;
static void handler(int sig)
{
	struct wait w = {.call = CALL_write, .fd = 9, .addr = 0x99};
	struct wait_outer o;

	(void)sig;
	wait_begin(torn, &o, &w, 0x3, 0x14000, 3);
	wait_end(torn, &o);
	handled++;
}

/* Signals at any instruction of wait_begin(): when it has returned, the record is the caller's,
 * whole. */
static void test_wait_torn_by_a_handler(void **s)
{
	struct wait w = {.call = CALL_mutex_lock,
			 .fd = -1,
			 .addr = 0x42,
			 .obj = 4,
			 .stack = 5,
			 .with = 6,
			 .with_addr = 7,
			 .flags = WF_REGISTERED};
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec every = {{0, 20000}, {0, 20000}};
	timer_t timer;

	(void)s;
	torn = paper_thread();
	torn->stack_lo = 0x10000;
	torn->stack_hi = 0x20000;
	signal(SIGUSR1, handler);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
	timer_settime(timer, 0, &every, NULL);
	while (handled < 2000) {
		struct st_live *l = torn->live;
		struct wait_outer o;

		wait_begin(torn, &o, &w, 0x1, 0x15000, 11);
		assert_int_equal(l->wait_call, CALL_mutex_lock);
		assert_int_equal(l->wait_addr, 0x42);
		assert_int_equal(l->wait_obj, 4);
		assert_int_equal(l->wait_fd, -1);
		assert_int_equal(l->wait_sp, 0x15000);
		assert_int_equal(l->wait_since, 11);
		assert_int_equal(l->wait_with_addr, 7);
		wait_end(torn, &o);
	}
	timer_delete(timer);
	signal(SIGUSR1, SIG_IGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_thousands_in_sequence),
	    cmocka_unit_test(test_found_in_a_crowd),
	    cmocka_unit_test(test_late_bind),
	    cmocka_unit_test(test_adopted_before_its_start),
	    cmocka_unit_test(test_nested_wait),
	    cmocka_unit_test(test_wait_torn_by_a_handler),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
