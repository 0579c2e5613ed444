/* SPDX-License-Identifier: MIT */
/*
 * The clocks: what orders two threads and what doesn't, slots that are used again, and that nothing
 * grows with threads and objects that come and go.
 */
#include "tests/core.h"

#include "state/order.h"

static struct thread *child_of(struct thread *parent)
{
	struct thread *t = thread_new(parent, 0, 0);

	assert_non_null(t);
	t->live = t->live_kept;
	__atomic_store_n(&t->live->thread, t->serial, __ATOMIC_RELEASE);
	return t;
}

/* Ends as thread_end() does, but for the calling thread's own records. */
static struct st_thread *ends(struct thread *t, u32 flags)
{
	struct st_thread *row = t->row;

	row->flags |= TF_ENDED | flags;
	order_thread_ended(t);
	row_free(TABLE_live, t->live_index);
	arena_private_free(t, sizeof(*t));
	return row;
}
static void join(struct thread *by, struct st_thread *row)
{
	thread_joined(by, row);
	row->flags |= TF_JOINED;
	order_thread_reaped(row);
	row->serial = 0;
}
static void reap(struct st_thread *row)
{
	order_thread_reaped(row);
	row->serial = 0;
}

static void test_create_and_join(void **s)
{
	u64 before = order_stamp(self), meanwhile, in_a, in_b;
	struct thread *a = child_of(self), *b = child_of(self);
	struct st_thread *ra, *rb;

	(void)s;
	meanwhile = order_stamp(self);
	in_a = order_stamp(a);
	in_b = order_stamp(b);
	assert_int_equal(order_before(before, a), ORDER_YES);
	assert_int_equal(order_before(before, self), ORDER_YES);
	assert_int_equal(order_before(meanwhile, a), ORDER_NO);
	assert_int_equal(order_before(in_a, b), ORDER_NO);
	assert_int_equal(order_before(in_a, self), ORDER_NO);
	assert_int_equal(order_between(in_a, in_b), ORDER_NO);
	assert_int_equal(order_thread(in_a), a->serial);
	ra = ends(a, 0);
	join(self, ra);
	assert_int_equal(order_before(in_a, self), ORDER_YES);
	assert_int_equal(order_before(in_b, self), ORDER_NO);
	/* Whoever is started afterwards knows of the joined one, too. */
	a = child_of(self);
	assert_int_equal(order_before(in_a, a), ORDER_YES);
	assert_int_equal(order_before(in_b, a), ORDER_NO);
	assert_int_equal(order_between(in_b, order_stamp(a)), ORDER_NO);
	join(self, ends(a, 0));
	rb = ends(b, 0);
	join(self, rb);
}

/* What came after the release is not given with it. */
static void test_release_and_acquire(void **s)
{
	struct thread *a = child_of(self), *b = child_of(self), *c = child_of(self);
	u64 key = order_key(ORDER_SYNC, 77, 0), early = order_stamp(a), late;

	(void)s;
	order_release(a, key);
	late = order_stamp(a);
	assert_true(late > early);
	order_acquire(b, key);
	assert_int_equal(order_before(early, b), ORDER_YES);
	assert_int_equal(order_before(late, b), ORDER_NO);
	assert_int_equal(order_before(early, c), ORDER_NO);
	assert_int_equal(order_between(early, order_stamp(b)), ORDER_UNKNOWN);
	/* Through a third. */
	order_release(b, order_key(ORDER_SYNC, 78, 0));
	order_acquire(c, order_key(ORDER_SYNC, 78, 0));
	assert_int_equal(order_before(early, c), ORDER_YES);
	/* Another object of the same number. */
	order_acquire(c, order_key(ORDER_FD, 77, 0));
	assert_int_equal(order_before(late, c), ORDER_NO);
	order_release(a, key);
	order_acquire(c, key);
	assert_int_equal(order_before(late, c), ORDER_YES);
	/* Anew: only the last one's. */
	early = order_stamp(b);
	late = order_stamp(a);
	order_release(a, key);
	order_release_anew(b, key);
	order_acquire(c, key);
	assert_int_equal(order_before(early, c), ORDER_YES);
	assert_int_equal(order_before(late, c), ORDER_NO);
	join(self, ends(a, 0));
	join(self, ends(b, 0));
	join(self, ends(c, 0));
}

/* Pairs without anything stamped in between move nothing: epochs last for ever. */
static void test_idle_pairs_stand_still(void **s)
{
	struct thread *a = child_of(self), *b = child_of(self);
	u64 key = order_key(ORDER_SYNC, 80, 0), first = order_stamp(a), changes;

	(void)s;
	order_release(a, key);
	order_acquire(b, key);
	order_release(b, key);
	order_acquire(a, key);
	changes = a->order.changes;
	for (int i = 0; i < 1000; i++) {
		order_release(a, key);
		order_acquire(b, key);
	}
	assert_true(a->order.changes <= changes + 2);
	assert_true(order_stamp(a) <= first + 2);
	join(self, ends(a, 0));
	join(self, ends(b, 0));
}

/* A memo of an epoch that was given away hides nothing. */
static void test_release_empties_memos(void **s)
{
	(void)s;
	self->edges[3].from = 5;
	self->order.memos = true;
	order_release(self, order_key(ORDER_SYNC, 81, 0));
	assert_int_equal(self->edges[3].from, 0);
}

/* 100 000 threads in turn, joined: two slots, no memory. */
static void test_sequential_joined(void **s)
{
	size_t shared, priv, priv_then;
	u64 seen = 0;
	u32 most = 0;

	(void)s;
	arena_usage(&shared, &priv_then);
	for (int i = 0; i < 100000; i++) {
		struct thread *t = child_of(self);

		if (seen)
			assert_int_equal(order_before(seen, t), ORDER_YES);
		seen = order_stamp(t);
		assert_int_equal(order_before(seen, self), ORDER_NO);
		most = t->order.slot > most ? t->order.slot : most;
		join(self, ends(t, 0));
		assert_int_equal(order_before(seen, self), ORDER_YES);
	}
	arena_usage(&shared, &priv);
	assert_true(most < 8);
	assert_true(priv <= priv_then + (64u << 10));
}

/* And detached: nobody knows of their ends; slots go round, and nothing grows. */
static void test_sequential_detached(void **s)
{
	size_t shared, priv, priv_then = 0;
	u64 last = 0;

	(void)s;
	for (int i = 0; i < 20000; i++) {
		struct thread *t = child_of(self);

		if (last && i < 400)
			assert_int_equal(order_before(last, t), ORDER_NO);
		last = order_stamp(t);
		reap(ends(t, TF_DETACHED));
		if (i == 2000)
			arena_usage(&shared, &priv_then);
	}
	arena_usage(&shared, &priv);
	assert_true(priv <= priv_then + (64u << 10));
	assert_int_equal(order_before(last, self), ORDER_NO);
}

/* More alive than there are slots: the rest is not judged. */
static void test_more_than_slots(void **s)
{
	struct thread *t[600];
	u64 stamp[600];
	unsigned unknown = 0;

	(void)s;
	for (int i = 0; i < 600; i++) {
		t[i] = child_of(self);
		stamp[i] = order_stamp(t[i]);
	}
	for (int i = 0; i < 600; i++)
		unknown += order_before(stamp[i], self) == ORDER_UNKNOWN;
	assert_in_range(unknown, 600 - ORDER_SLOTS, 600 - ORDER_SLOTS + 16);
	for (int i = 0; i < 600; i++)
		join(self, ends(t[i], 0));
	for (int i = 0; i < 600; i++)
		assert_int_not_equal(order_before(stamp[i], self), ORDER_NO);
	/* The next one has a slot again, and what follows is as certain as ever. */
	t[0] = child_of(self);
	stamp[0] = order_stamp(t[0]);
	assert_int_equal(order_before(stamp[0], self), ORDER_NO);
	join(self, ends(t[0], 0));
	assert_int_equal(order_before(stamp[0], self), ORDER_YES);
}

/* A joinable one whose slot was needed before it was joined: not known, rather than unordered. */
static void test_joined_too_late(void **s)
{
	struct thread *t = child_of(self);
	u64 stamp = order_stamp(t), after;
	struct st_thread *row = ends(t, 0);

	(void)s;
	for (unsigned i = 0; i < 2 * ORDER_SLOTS; i++)
		ends(child_of(self), 0);
	join(self, row);
	assert_int_not_equal(order_before(stamp, self), ORDER_NO);
	t = child_of(self);
	order_release(t, order_key(ORDER_SYNC, 82, 0));
	after = order_stamp(t);
	assert_int_equal(order_before(after, self), ORDER_NO);
	reap(ends(t, TF_DETACHED));
}

/* Thousands of objects: the pool keeps its size, and what was lost is not denied. */
static void test_objects_come_and_go(void **s)
{
	struct thread *a = child_of(self), *b = child_of(self), *c = child_of(self);
	size_t shared, priv, priv_then = 0;
	u64 early = order_stamp(a), late;

	(void)s;
	order_release(a, order_key(ORDER_SYNC, 1000, 0));
	for (u32 i = 1001; i < 30000; i++) {
		order_release(b, order_key(ORDER_SYNC, i, 0));
		if (i == 5000)
			arena_usage(&shared, &priv_then);
	}
	arena_usage(&shared, &priv);
	assert_int_equal(priv, priv_then);
	late = order_stamp(a);
	for (u32 i = 29000; i < 30000; i++) /* at least one of them was lost */
		order_acquire(c, order_key(ORDER_SYNC, i, 0));
	assert_int_not_equal(order_before(early, c), ORDER_YES);
	order_release(a, order_key(ORDER_SYNC, 1000, 0));
	order_acquire(c, order_key(ORDER_SYNC, 1000, 0));
	assert_int_equal(order_before(late, c), ORDER_YES);
	for (u32 i = 1; i < 30000; i++)
		order_forget(order_key(ORDER_SYNC, i, 0));
	join(self, ends(a, 0));
	join(self, ends(b, 0));
	join(self, ends(c, 0));
}

/* Found running: what its unseen creator did before may have come before it. */
static void test_adopted(void **s)
{
	u64 stamp = order_stamp(self), after;
	struct thread *t = thread_new(NULL, 0, TF_ADOPTED);

	(void)s;
	assert_int_equal(order_before(stamp, t), ORDER_UNKNOWN);
	order_release(self, order_key(ORDER_SYNC, 83, 0));
	after = order_stamp(self);
	assert_int_equal(order_before(after, t), ORDER_NO);
	reap(ends(t, TF_DETACHED));
}

static void test_unseen_means(void **s)
{
	struct thread *a = child_of(self), *b = child_of(self), *c = child_of(self);
	u64 key = order_key(ORDER_SYNC, 90, 0), stamp = order_stamp(a);

	(void)s;
	order_may_release(a, key);
	order_may_acquire(b, key);
	assert_int_equal(order_before(stamp, b), ORDER_UNKNOWN);
	assert_int_equal(order_before(stamp, c), ORDER_NO);
	order_opaque(c);
	assert_int_equal(order_before(stamp, c), ORDER_NO);
	order_opaque(a);
	assert_int_equal(order_before(stamp, c), ORDER_UNKNOWN);
	join(self, ends(a, 0));
	join(self, ends(b, 0));
	join(self, ends(c, 0));
}

static void ping(int nth)
{
	struct thread *t = thread_self;

	for (u32 i = 0; i < 20000; i++) {
		u64 key = order_key(ORDER_SYNC, 100 + (i * 7 + (u32)nth) % 50, 0);

		CHECK(order_before(order_stamp(t), t) == ORDER_YES);
		order_release(t, key);
		order_acquire(t, order_key(ORDER_SYNC, 100 + i % 50, 0));
		if (i % 97 == 0)
			order_forget(key);
	}
}

static void test_all_at_once(void **s)
{
	(void)s;
	crew_run(4, ping);
}

/* In the child there is one thread, and nothing came before it. Last: it changes the world. */
static void test_fork(void **s)
{
	u32 world = order_world();

	(void)s;
	order_fork_child();
	assert_int_equal(order_world(), world + 1);
	memset(&self->order, 0, sizeof(self->order));
	order_thread_born(NULL, self);
	assert_int_equal(self->order.slot, 0);
	assert_int_equal(order_before(order_stamp(self), self), ORDER_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_create_and_join),
	    cmocka_unit_test(test_release_and_acquire),
	    cmocka_unit_test(test_idle_pairs_stand_still),
	    cmocka_unit_test(test_release_empties_memos),
	    cmocka_unit_test(test_sequential_joined),
	    cmocka_unit_test(test_unseen_means),
	    cmocka_unit_test(test_adopted),
	    cmocka_unit_test(test_objects_come_and_go),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_sequential_detached),
	    cmocka_unit_test(test_more_than_slots),
	    cmocka_unit_test(test_joined_too_late),
	    cmocka_unit_test(test_fork),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
