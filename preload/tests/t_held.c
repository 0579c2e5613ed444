/* SPDX-License-Identifier: MIT */
/*
 * The list of held locks: order of unlocking, more locks than it has places, handlers and longjmp
 * in the middle of a lock call.
 */
#include "tests/core.h"

static struct thread *t;

static int fresh(void **s)
{
	(void)s;
	t = paper_thread();
	t->stack_lo = 0x10000;
	t->stack_hi = 0x20000;
	return 0;
}

static void test_any_order(void **s)
{
	(void)s;
	for (u64 a = 1; a <= 5; a++)
		hold(t, a, HELD_MUTEX);
	assert_true(held_pop(t, 2));
	assert_false(held_pop(t, 2));
	assert_true(held_pop(t, 5));
	assert_true(held_pop(t, 1));
	assert_int_equal(t->live->nheld, 2);
	assert_non_null(held_find(t->live, 3));
	assert_non_null(held_find(t->live, 4));
	assert_null(held_find(t->live, 5));
	assert_true(held_pop(t, 3));
	assert_true(held_pop(t, 4));
	assert_int_equal(t->live->nheld, 0);
	assert_false(held_pop(t, 4));
}

static void test_recursive(void **s)
{
	(void)s;
	hold(t, 7, HELD_MUTEX);
	hold(t, 8, HELD_MUTEX);
	hold(t, 7, HELD_MUTEX);
	assert_true(held_pop(t, 7));
	assert_non_null(held_find(t->live, 7));
	assert_true(held_pop(t, 8));
	assert_true(held_pop(t, 7));
	assert_null(held_find(t->live, 7));
}

static void push(u64 addr)
{
	if (t->live->nheld < HELD_MAX)
		hold(t, addr, HELD_MUTEX);
	else
		held_got(t->live); /* what held_push() does past the last place */
}

/* All are given back, in whatever order: nothing stays behind. */
static void overflow(const int *order, int n)
{
	for (int i = 1; i <= n; i++)
		push((u64)i);
	assert_int_equal(t->live->nheld, n);
	for (int i = 0; i < n; i++) {
		assert_true(held_pop(t, (u64)order[i]));
		assert_int_equal(t->live->nheld, n - 1 - i);
	}
	assert_false(held_pop(t, 1));
	for (int i = 0; i < HELD_MAX; i++)
		assert_null(held_find(t->live, (u64)i + 1));
}

static void test_overflow(void **s)
{
	enum { N = HELD_MAX + 10 };
	int order[N];
	unsigned seed = 1;

	(void)s;
	for (int i = 0; i < N; i++)
		order[i] = i + 1;
	overflow(order, N); /* first taken, first given back */
	for (int i = 0; i < N; i++)
		order[i] = N - i;
	overflow(order, N);
	for (int round = 0; round < 500; round++) {
		for (int i = N - 1; i > 0; i--) {
			int k = (int)((seed = seed * 1103515245 + 12345) >> 8) % (i + 1), x;

			k = k < 0 ? -k : k;
			x = order[i], order[i] = order[k], order[k] = x;
		}
		overflow(order, N);
	}
}

/* A handler that comes in the middle of a lock call must not take the announced place. */
static void test_handler_in_lock_call(void **s)
{
	struct st_live *l = t->live;

	(void)s;
	hold(t, 1, HELD_MUTEX);
	held_try_known(l, l->nheld, 2, HELD_MUTEX, 0, 0x1000, 0x15000);
	assert_true(held_both(l) > HELD_MAX);
	held_push(t, 3, HELD_MUTEX, 0x1000, 0x14000); /* deeper on the same stack */
	assert_null(held_find(l, 3));
	assert_int_equal(l->acquiring, 1);
	assert_false(held_pop(t, 3));
	held_push(t, 3, HELD_MUTEX, 0x1000, 0x90000); /* on a stack of its own */
	assert_false(held_pop(t, 3));
	held_got(l);
	assert_non_null(held_find(l, 2));
	assert_true(held_pop(t, 2));
	assert_true(held_pop(t, 1));
	assert_int_equal(held_both(l), 0);
}

/* It was left by longjmp: what is taken further out is recorded again. */
static void test_lock_call_left(void **s)
{
	struct st_live *l = t->live;
	uintptr_t here[4] = {0};

	(void)s;
	t->stack_lo = (uintptr_t)here - 4096;
	t->stack_hi = (uintptr_t)here + 4096;
	held_try_known(l, 0, 2, HELD_MUTEX, 0, 0x1000, (uintptr_t)here - 64);
	held_push(t, 3, HELD_MUTEX, 0x1000, (uintptr_t)here);
	assert_int_equal(l->acquiring, 0);
	assert_non_null(held_find(l, 3));
	assert_null(held_find(l, 2));
	assert_true(held_pop(t, 3));
	assert_int_equal(held_both(l), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_any_order, fresh),
	    cmocka_unit_test_setup(test_recursive, fresh),
	    cmocka_unit_test_setup(test_overflow, fresh),
	    cmocka_unit_test_setup(test_handler_in_lock_call, fresh),
	    cmocka_unit_test_setup(test_lock_call_left, fresh),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
