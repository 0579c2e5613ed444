/* SPDX-License-Identifier: MIT */
/*
 * Rings of waiting threads, built by hand in the live rows: what is one, what only looks like one.
 */
#include "tests/core.h"

#include "detect/deadlock.h"

enum { MOST = 64 };
static pthread_mutex_t lock[MOST + 1];
static struct thread *th[MOST + 1];

/* Thread i holds lock i, as glibc's owner field and our books say. */
static void holders(int n)
{
	memset(lock, 0, sizeof(lock));
	for (int i = 0; i < n; i++) {
		th[i] = paper_thread();
		hold(th[i], (u64)&lock[i], HELD_MUTEX);
		lock[i].__data.__owner = (int)th[i]->tid;
	}
}

static void gone(int n)
{
	for (int i = 0; i < n; i++)
		paper_thread_gone(th[i]);
}

static void ring_of(int n)
{
	unsigned before = lines_of("deadlock");

	holders(n);
	for (int i = 0; i < n; i++) {
		wait_for(th[i], CALL_mutex_lock, (u64)&lock[(i + 1) % n], 0);
		assert_int_equal(deadlock_check(th[i]), i == n - 1);
		assert_int_equal(lines_of("deadlock"), before + (i == n - 1));
	}
	/* The one who looks again, and any other member, sees the same ring and says nothing more.
	 */
	assert_true(deadlock_check(th[n - 1]));
	assert_true(deadlock_check(th[0]));
	assert_int_equal(lines_of("deadlock"), before + 1);
	gone(n);
}

static void test_rings(void **s)
{
	static const int sizes[] = {1, 2, 3, 10, 32, 60};

	(void)s;
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
		ring_of(sizes[i]);
	assert_int_equal(state->stuck, 1);
}

static void test_chain_is_no_ring(void **s)
{
	(void)s;
	holders(5);
	for (int i = 0; i < 4; i++) {
		wait_for(th[i], CALL_mutex_lock, (u64)&lock[i + 1], 0);
		assert_false(deadlock_check(th[i]));
	}
	/* A ring further down, of which the caller is no part, is its members' to tell. */
	wait_for(th[4], CALL_mutex_lock, (u64)&lock[1], 0);
	assert_false(deadlock_check(th[0]));
	assert_true(deadlock_check(th[4]));
	gone(5);
}

static void test_timed_wait_breaks_it(void **s)
{
	(void)s;
	holders(3);
	wait_for(th[0], CALL_mutex_lock, (u64)&lock[1], 0);
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[2], WF_TIMED);
	wait_for(th[2], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_false(deadlock_check(th[2]));
	assert_false(deadlock_check(th[0]));
	gone(3);
}

static void join(struct thread *t, struct thread *whom)
{
	wait_for(t, CALL_join, 0, 0);
	t->live->wait_obj = whom->serial;
}

static void test_mutex_and_join(void **s)
{
	(void)s;
	holders(2);
	join(th[0], th[1]);
	assert_false(deadlock_check(th[0]));
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_true(deadlock_check(th[1]));
	gone(2);
}

static void test_canceled_join_is_over(void **s)
{
	(void)s;
	holders(2);
	join(th[0], th[1]);
	th[0]->row->flags |= TF_CANCELED;
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_false(deadlock_check(th[1]));
	gone(2);
}

/* libc says EDEADLK to a join of oneself, and to the second of two that join each other. */
static void test_joins_that_are_refused(void **s)
{
	(void)s;
	holders(2);
	join(th[0], th[0]);
	assert_false(deadlock_check(th[0]));
	join(th[0], th[1]);
	join(th[1], th[0]);
	assert_false(deadlock_check(th[1]));
	gone(2);
}

static void test_joins_only(void **s)
{
	(void)s;
	holders(3);
	join(th[0], th[1]);
	join(th[1], th[2]);
	assert_false(deadlock_check(th[1]));
	th[2]->row->flags |= TF_ENDED;
	join(th[2], th[0]);
	assert_false(deadlock_check(th[1])); /* has ended */
	th[2]->row->flags &= ~(u32)TF_ENDED;
	assert_true(deadlock_check(th[2]));
	gone(3);
}

/* The lock looked free, and somebody was faster: an entry without a wait record. */
static void test_announced_lock(void **s)
{
	(void)s;
	holders(2);
	held_try_known(th[0]->live, 1, (u64)&lock[1], HELD_MUTEX, 0, 0x1000, 0x2000);
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_true(deadlock_check(th[1]));
	/* Announced, but it turns out to be free: th[0] has it in the next moment. */
	held_pop(th[1], (u64)&lock[1]);
	assert_false(deadlock_check(th[1]));
	gone(2);
}

/* The same with the other families: what is announced decides what keeps it out. */
static void test_announced_rwlock_and_spinlock(void **s)
{
	u64 rw = 0x7200, spin = 0x7300;

	(void)s;
	holders(2);
	hold(th[1], rw, HELD_READ);
	hold(th[1], spin, HELD_SPIN);
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	held_try_known(th[0]->live, 1, rw, HELD_READ, 0, 0x1000, 0x2000);
	assert_false(deadlock_check(th[1])); /* one reader lets in the other */
	held_try_known(th[0]->live, 1, rw, HELD_WRITE, 0, 0x1000, 0x2000);
	assert_true(deadlock_check(th[1]));
	held_try_known(th[0]->live, 1, spin, HELD_SPIN, 0, 0x1000, 0x2000);
	assert_true(deadlock_check(th[1]));
	held_pop(th[1], spin);
	assert_false(deadlock_check(th[1]));
	gone(2);
}

static void test_rwlocks(void **s)
{
	u64 rw = 0x7000, rw2 = 0x7100;

	(void)s;
	holders(4);
	/* A writer waits for each reader: one of three of them waits for the writer's mutex. */
	for (int i = 1; i < 4; i++)
		hold(th[i], rw, HELD_READ);
	wait_for(th[2], CALL_mutex_lock, (u64)&lock[0], 0);
	wait_for(th[0], CALL_rwlock_rdlock, rw, 0);
	assert_false(deadlock_check(th[0])); /* readers don't wait for readers */
	wait_for(th[0], CALL_rwlock_wrlock, rw, 0);
	assert_true(deadlock_check(th[0]));
	/* An upgrade waits for itself. */
	wait_for(th[3], CALL_rwlock_wrlock, rw, 0);
	assert_true(deadlock_check(th[3]));
	/* A reader waits for the writer. */
	hold(th[1], rw2, HELD_WRITE);
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	wait_for(th[0], CALL_rwlock_rdlock, rw2, 0);
	assert_true(deadlock_check(th[0]));
	gone(4);
}

/* A lock that another thread waited for a moment ago may be gone with its memory. */
static void test_lock_in_unmapped_memory(void **s)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)s;
	assert_ptr_not_equal(page, MAP_FAILED);
	holders(2);
	wait_for(th[1], CALL_mutex_lock, (u64)page, 0);
	munmap(page, 4096);
	wait_for(th[0], CALL_mutex_lock, (u64)&lock[1], 0);
	assert_false(deadlock_check(th[0]));
	held_try_known(th[1]->live, 1, (u64)page, HELD_MUTEX, 0, 0x1000, 0x2000);
	wait_for(th[1], CALL_none, 0, 0);
	assert_false(deadlock_check(th[0]));
	gone(2);
}

/* More threads than the walk looks at: it gives up, it doesn't hang or overrun. */
static void test_crowd(void **s)
{
	enum { CROWD = 300 };
	static struct thread *reader[CROWD];

	(void)s;
	holders(1);
	for (int i = 0; i < CROWD; i++) {
		reader[i] = paper_thread();
		hold(reader[i], 0x9000, HELD_READ);
		wait_for(reader[i], CALL_rwlock_rdlock, 0x9100 + (u64)i * 16, 0);
	}
	wait_for(th[0], CALL_rwlock_wrlock, 0x9000, 0);
	assert_false(deadlock_check(th[0]));
	for (int i = 0; i < CROWD; i++)
		paper_thread_gone(reader[i]);
	gone(1);
}

/* A condvar's wait, timed or not, ends with its mutex taken again: who holds that and waits for
 * what the waiter holds, closes a ring. */
static void test_condvar_keeps_its_waiter(void **s)
{
	struct wait w = {.call = CALL_cond_wait, .addr = 0x7700, .fd = -1, .flags = WF_TIMED};
	unsigned before = lines_of("deadlock");
	struct wait_outer o;

	(void)s;
	holders(3);
	w.with_addr = (u64)&lock[3];
	wait_begin(th[0], &o, &w, 0x1000, 0x2000, 1);
	wait_for(th[1], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_false(deadlock_check(th[1]));
	hold(th[2], (u64)&lock[3], HELD_MUTEX);
	wait_for(th[2], CALL_mutex_lock, (u64)&lock[0], 0);
	assert_true(deadlock_check(th[2]));
	assert_int_equal(lines_of("deadlock"), before + 1);
	gone(3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_condvar_keeps_its_waiter),
	    cmocka_unit_test(test_rings),
	    cmocka_unit_test(test_chain_is_no_ring),
	    cmocka_unit_test(test_timed_wait_breaks_it),
	    cmocka_unit_test(test_mutex_and_join),
	    cmocka_unit_test(test_canceled_join_is_over),
	    cmocka_unit_test(test_joins_that_are_refused),
	    cmocka_unit_test(test_joins_only),
	    cmocka_unit_test(test_announced_lock),
	    cmocka_unit_test(test_announced_rwlock_and_spinlock),
	    cmocka_unit_test(test_rwlocks),
	    cmocka_unit_test(test_lock_in_unmapped_memory),
	    cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
