/* SPDX-License-Identifier: MIT */
/*
 * The lock-order graph: which orders are told, which are harmless, and that an edge ends with its
 * locks.
 */
#include "tests/core.h"

#include "detect/lock_order.h"
#include "state/edges.h"

static u64 next_addr = 0x100000;
static u64 A, B, C, D, E, G;

/* Locks and threads nobody has seen before. */
static int fresh(void **s)
{
	u64 *all[] = {&A, &B, &C, &D, &E, &G};

	(void)s;
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		*all[i] = next_addr += 0x140;
	return 0;
}

static void take(struct thread *t, u64 addr, u8 mode)
{
	if (t->live->nheld)
		lock_order_acquired(t, addr, mode);
	hold(t, addr, mode);
}

/* Takes them in this order, and gives them back. */
static void nest(struct thread *t, u8 mode, const u64 *addr, int n)
{
	for (int i = 0; i < n; i++)
		take(t, addr[i], mode);
	while (n--)
		assert_true(held_pop(t, addr[n]));
	assert_int_equal(t->live->nheld, 0);
}
#define NEST(t, mode, ...)                                                                         \
	nest(t, mode, (u64[]){__VA_ARGS__}, sizeof((u64[]){__VA_ARGS__}) / sizeof(u64))

static unsigned told(void)
{
	return lines_of("order");
}

static void test_two(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	assert_int_equal(told(), before);
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 1);
	NEST(u, HELD_MUTEX, B, A);
	NEST(t, HELD_MUTEX, A, B);
	assert_int_equal(told(), before + 1);
}

static void test_three_and_five(void **s)
{
	struct thread *t[5];
	u64 ring[5] = {A, B, C, D, E};
	unsigned before = told();

	(void)s;
	for (int n = 3; n <= 5; n += 2) {
		fresh(NULL);
		memcpy(ring, (u64[]){A, B, C, D, E}, sizeof(ring));
		for (int i = 0; i < n; i++) {
			t[i] = paper_thread();
			NEST(t[i], HELD_MUTEX, ring[i], ring[(i + 1) % n]);
			assert_int_equal(told(), before + (i == n - 1));
		}
		before++;
	}
}

static void test_one_thread(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	NEST(t, HELD_MUTEX, B, A);
	assert_int_equal(told(), before);
	/* A second thread on an old edge completes it as well as a new edge would. */
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 1);
}

static void test_gate(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, G, A, B);
	NEST(u, HELD_MUTEX, G, B, A);
	assert_int_equal(told(), before);
	/* Once without it, and it protects no more. */
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 1);
}

static void test_different_gates(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, G, A, B);
	NEST(u, HELD_MUTEX, C, B, A);
	assert_int_equal(told(), before + 1);
}

static void test_generation_ends_edges(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();
	u32 a, b, old;

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	a = sync_find(A, SYNC_mutex);
	b = sync_find(B, SYNC_mutex);
	assert_true(a && b && edge_find(a, b));
	old = sync_row(b)->serial;
	sync_died(t, B, SYNC_mutex);
	assert_int_equal(sync_find(B, SYNC_mutex), 0);
	assert_int_equal(sync_row(a)->edges, 0);
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before);
	assert_int_not_equal(sync_row(sync_find(B, SYNC_mutex))->serial, old);
	/* And t's memo of the old pair does not hide the new one. */
	NEST(t, HELD_MUTEX, A, B);
	assert_int_equal(told(), before + 1);
}

/* A thousand locks in turn at one address, each sound (G34). */
static void test_many_lives_at_one_address(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	struct sync_birth birth = {.kind = SYNC_mutex};
	unsigned before = told(), edges = state->table[TABLE_edge].used;

	(void)s;
	for (int i = 0; i < 1000; i++) {
		sync_born(self, A, &birth);
		if (i & 1)
			NEST(t, HELD_MUTEX, A, B);
		else
			NEST(u, HELD_MUTEX, B, A);
		sync_died(self, A, SYNC_mutex);
	}
	assert_int_equal(told(), before);
	assert_true(state->table[TABLE_edge].used < edges + 8); /* rows are used again */
}

static void test_recursion(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, A, A, B, A);
	NEST(u, HELD_MUTEX, A, B, B, A);
	assert_int_equal(told(), before);
	assert_int_equal(edge_find(sync_find(B, SYNC_mutex), sync_find(A, SYNC_mutex)), 0);
}

static void test_readers(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_READ, A, B);
	NEST(u, HELD_READ, B, A);
	assert_int_equal(told(), before);
	/* The same edges, now by writers: one of them suffices. */
	NEST(t, HELD_WRITE, A, B);
	NEST(u, HELD_WRITE, B, A);
	assert_int_equal(told(), before + 1);
	NEST(t, HELD_WRITE, A, B);
	assert_int_equal(told(), before + 1);
	fresh(NULL);
	before = told();
	NEST(t, HELD_WRITE, A, B);
	NEST(u, HELD_WRITE, B, A);
	assert_int_equal(told(), before + 1);
}

/* Two separate rings share a lock: the search must not stop at the harmless one. */
static void test_harmless_cycle_first(void **s)
{
	struct thread *t = paper_thread(), *u = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, A, B); /* alone: B → A is t's as well */
	NEST(u, HELD_MUTEX, C, A);
	NEST(t, HELD_MUTEX, B, C);
	assert_int_equal(told(), before + 1); /* A → B → C → A, with u's edge */
}

/* A lock past HELD_MAX whose place was given up has no address: it makes no edges and no objects.
 */
static void test_unknown_lock_makes_no_order(void **s)
{
	struct thread *t = paper_thread();

	(void)s;
	hold(t, 0, HELD_MUTEX);
	take(t, A, HELD_MUTEX);
	assert_int_equal(sync_find(0, SYNC_mutex), 0);
}

static void churn(int nth)
{
	struct thread *t = thread_self;
	u64 mine = 0x900000 + (u64)nth * 0x1000;
	struct sync_birth birth = {.kind = SYNC_mutex};

	for (int i = 0; i < 3000; i++) {
		u64 x = mine + (u64)(i % 7) * 64;

		sync_born(t, x, &birth);
		take(t, G, HELD_MUTEX); /* shared, with an edge to each of everybody's */
		take(t, x, HELD_MUTEX);
		take(t, x + 32, HELD_MUTEX);
		held_pop(t, x + 32);
		held_pop(t, x);
		held_pop(t, G);
		sync_died(t, x, SYNC_mutex);
		sync_died(t, x + 32, SYNC_mutex);
	}
}

static void test_churn_leaves_no_edges(void **s)
{
	unsigned before = told(), left = 0;

	(void)s;
	crew_run(4, churn);
	assert_int_equal(told(), before);
	for (u32 i = sync_row(sync_find(G, SYNC_mutex))->edges; i; i = edge_row(i)->out)
		left++;
	assert_int_equal(left, 0);
}

/* All threads but the first are joined: what they did is ordered before what comes after, and what
 * the first does alone is, too. */
static void join_all(void)
{
	u32 era = thread_era();

	while (!thread_alone())
		thread_joined(thread_self);
	assert_int_equal(thread_era(), era + 1);
}

static void test_orders_apart(void **s)
{
	unsigned before = told();
	struct thread *t;

	(void)s;
	NEST(paper_thread(), HELD_MUTEX, A, B);
	join_all();
	NEST(thread_self, HELD_MUTEX, B, A);
	NEST(paper_thread(), HELD_MUTEX, A, B);
	join_all();
	t = paper_thread();
	NEST(t, HELD_MUTEX, B, A);
	assert_int_equal(told(), before);
	/* An edge of an earlier era that is made again is as good as a new one. */
	NEST(paper_thread(), HELD_MUTEX, A, B);
	assert_int_equal(told(), before + 1);
}

static void test_first_thread_goes_on(void **s)
{
	unsigned before;
	struct thread *t;

	(void)s;
	if (!thread_alone())
		join_all();
	before = told();
	NEST(thread_self, HELD_MUTEX, C, D);
	t = thread_new(thread_self, 0, 0);
	t->live = t->live_kept;
	NEST(t, HELD_MUTEX, D, C);
	assert_int_equal(told(), before);
	NEST(thread_self, HELD_MUTEX, C, D);
	assert_int_equal(told(), before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_two, fresh),
	    cmocka_unit_test_setup(test_three_and_five, fresh),
	    cmocka_unit_test_setup(test_one_thread, fresh),
	    cmocka_unit_test_setup(test_gate, fresh),
	    cmocka_unit_test_setup(test_different_gates, fresh),
	    cmocka_unit_test_setup(test_generation_ends_edges, fresh),
	    cmocka_unit_test_setup(test_many_lives_at_one_address, fresh),
	    cmocka_unit_test_setup(test_recursion, fresh),
	    cmocka_unit_test_setup(test_readers, fresh),
	    cmocka_unit_test_setup(test_orders_apart, fresh),
	    cmocka_unit_test_setup(test_first_thread_goes_on, fresh),
	    cmocka_unit_test_setup(test_harmless_cycle_first, fresh),
	    cmocka_unit_test_setup(test_unknown_lock_makes_no_order, fresh),
	    cmocka_unit_test_setup(test_churn_leaves_no_edges, fresh),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
