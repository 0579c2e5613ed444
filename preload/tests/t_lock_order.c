/* SPDX-License-Identifier: MIT */
/*
 * The lock-order graph: which orders are told, which are harmless, and that an edge ends with its
 * locks.
 */
#include "tests/core.h"

#include "detect/lock_order.h"
#include "state/edges.h"
#include "state/order.h"

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

/* The same inside what is held already. */
static void nest_in(struct thread *t, u8 mode, const u64 *addr, int n)
{
	for (int i = 0; i < n; i++)
		take(t, addr[i], mode);
	while (n--)
		assert_true(held_pop(t, addr[n]));
}
#define NEST_IN(t, mode, ...)                                                                      \
	nest_in(t, mode, (u64[]){__VA_ARGS__}, sizeof((u64[]){__VA_ARGS__}) / sizeof(u64))

static unsigned told_by_site(void)
{
	off_t n = lseek(lines_fd, 0, SEEK_END);
	char *all = mmap(NULL, (size_t)n, PROT_READ, MAP_SHARED, lines_fd, 0);
	unsigned found = 0;

	assert_ptr_not_equal(all, MAP_FAILED);
	for (char *c = all; (c = memmem(c, (size_t)(all + n - c), "\"doubt\":", 8)); c++)
		found += memcmp(c + 9, ",\"by_site\"", 10) == 0;
	munmap(all, (size_t)n);
	return found;
}

/* By locks; what is told by birth sites alone (all locks here come from few places) is
 * test_by_site()'s. */
static unsigned told(void)
{
	return lines_of("order") - told_by_site();
}

/* Does the last line of this event have that text? */
static const char *last_line(const char *event, const char *text)
{
	static char line[16384];
	off_t n = lseek(lines_fd, 0, SEEK_END);
	char *all = mmap(NULL, (size_t)n, PROT_READ, MAP_SHARED, lines_fd, 0), start[64],
	     *at = NULL;

	assert_ptr_not_equal(all, MAP_FAILED);
	snprintf(start, sizeof(start), "{\"ev\":\"%s\",", event);
	for (char *c = all; (c = memmem(c, (size_t)(all + n - c), start, strlen(start))); c++)
		at = c;
	line[0] = 0;
	if (at) {
		char *end = memchr(at, '\n', (size_t)(all + n - at));
		size_t len = (size_t)((end ? end : all + n) - at);

		memcpy(line, at, len < sizeof(line) - 1 ? len : sizeof(line) - 1);
		line[len < sizeof(line) - 1 ? len : sizeof(line) - 1] = 0;
	}
	munmap(all, (size_t)n);
	return strstr(line, text);
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
	assert_true(a && b && edge_find(sync_row(a)->serial, sync_row(b)->serial));
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
	assert_int_equal(edge_find(sync_row(sync_find(B, SYNC_mutex))->serial,
				   sync_row(sync_find(A, SYNC_mutex))->serial),
			 0);
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
	struct thread *t = paper_thread(), *u = paper_thread(), *v = paper_thread();
	unsigned before = told();

	(void)s;
	NEST(t, HELD_MUTEX, A, B); /* alone: B → A is t's as well */
	NEST(t, HELD_MUTEX, B, A);
	NEST(u, HELD_MUTEX, C, A);
	NEST(v, HELD_MUTEX, B, C);
	assert_int_equal(told(), before + 1); /* A → B → C → A */
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

static struct thread *child(void)
{
	struct thread *t = thread_new(self, 0, 0);

	assert_non_null(t);
	t->live = t->live_kept;
	__atomic_store_n(&t->live->thread, t->serial, __ATOMIC_RELEASE);
	return t;
}
static void end_and_join(struct thread *t)
{
	struct st_thread *row = t->row;

	row->flags |= TF_ENDED;
	order_thread_ended(t);
	row_free(TABLE_live, t->live_index);
	thread_joined(self, row);
	order_thread_reaped(row);
	row->serial = 0;
	arena_private_free(t, sizeof(*t));
}

/* Keeps the first thread from being alone. */
static struct thread *third;

/* One is joined before the other is started, while a third lives all along. */
static void test_joined_in_between(void **s)
{
	unsigned before = told();
	struct thread *t = child();

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	end_and_join(t);
	t = child();
	NEST(t, HELD_MUTEX, B, A);
	NEST(self, HELD_MUTEX, C, D);
	assert_int_equal(told(), before);
	/* Made again by somebody who is in no order with it. */
	NEST(third, HELD_MUTEX, A, B);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
}

static void test_join_missing(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u;

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	u = child();
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
	end_and_join(u);
}

/* More threads make an edge than there is room in the first place; all are joined before the other
 * order comes. */
static void test_pool_is_joined(void **s)
{
	struct thread *pool[60];
	unsigned before = told();

	(void)s;
	for (int i = 0; i < 30; i++) {
		pool[i] = child();
		NEST(pool[i], HELD_MUTEX, A, B);
	}
	for (int i = 0; i < 30; i++)
		end_and_join(pool[i]);
	NEST(self, HELD_MUTEX, B, A);
	assert_int_equal(told(), before);
	for (int i = 0; i < 60; i++) {
		pool[i] = child();
		NEST(pool[i], HELD_MUTEX, C, D);
	}
	for (int i = 0; i < 60; i++)
		end_and_join(pool[i]);
	NEST(self, HELD_MUTEX, D, C);
	assert_int_equal(told(), before + 1); /* more than are kept: suspected */
	assert_non_null(last_line("order", "\"doubt\":1"));
}

static void test_first_thread_goes_on(void **s)
{
	unsigned before = told();
	struct thread *t;

	(void)s;
	NEST(self, HELD_MUTEX, C, D);
	t = child();
	NEST(t, HELD_MUTEX, D, C);
	assert_int_equal(told(), before);
	/* The same edge, later: no older stamp may stand for it. */
	NEST(self, HELD_MUTEX, C, D);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
}

/* Handed over by a semaphore, then once more without. */
static void test_posted(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u = child();
	u64 key = order_key(ORDER_SYNC, 9000, 0);

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	order_release(t, key);
	order_acquire(u, key);
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before);
	NEST(t, HELD_MUTEX, A, B); /* known to its memo, but for the release */
	assert_int_equal(told(), before + 1);
	assert_non_null(last_line("order", "\"doubt\":0"));
	end_and_join(t);
	end_and_join(u);
}

/* What may be ordered by means not seen is suspected, and told once more when it is certain. */
static void test_order_not_known(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u = child(), *v = child();

	(void)s;
	order_opaque(t);
	order_opaque(u);
	NEST(t, HELD_MUTEX, A, B);
	NEST(u, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 1);
	assert_non_null(last_line("order", "\"doubt\":1"));
	NEST(v, HELD_MUTEX, B, A);
	assert_int_equal(told(), before + 2);
	assert_non_null(last_line("order", "\"doubt\":0"));
	end_and_join(t);
	end_and_join(u);
	end_and_join(v);
}

/* Two threads don't make a ring of three: each is in one place at a time. */
static void test_three_edges_of_two_threads(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u = child(), *v = child();

	(void)s;
	NEST(t, HELD_MUTEX, A, B);
	NEST(u, HELD_MUTEX, B, C);
	NEST(t, HELD_MUTEX, C, A);
	assert_int_equal(told(), before);
	NEST(v, HELD_MUTEX, C, A);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
	end_and_join(u);
	end_and_join(v);
}

/* The first thread's early use had no gate; all that can meet have. */
static void test_gate_missing_long_ago(void **s)
{
	unsigned before = told();
	struct thread *t, *u;

	(void)s;
	NEST(self, HELD_MUTEX, A, B);
	t = child();
	u = child();
	NEST(t, HELD_MUTEX, G, A, B);
	NEST(u, HELD_MUTEX, G, B, A);
	assert_int_equal(told(), before);
	end_and_join(t);
	end_and_join(u);
}

/* A gate between two steps of three suffices; one that both only read doesn't. */
static void test_gates_of_some(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u = child(), *v = child();

	(void)s;
	NEST(t, HELD_MUTEX, G, A, B);
	NEST(u, HELD_MUTEX, G, B, C);
	NEST(v, HELD_MUTEX, C, A);
	assert_int_equal(told(), before);
	fresh(NULL);
	take(t, G, HELD_READ);
	NEST_IN(t, HELD_MUTEX, A, B);
	held_pop(t, G);
	take(u, G, HELD_READ);
	NEST_IN(u, HELD_MUTEX, B, A);
	held_pop(u, G);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
	end_and_join(u);
	end_and_join(v);
}

/* Readers of a lock where writers go first wait for each other, if one comes between. */
static void test_readers_behind_a_writer(void **s)
{
	unsigned before = told();
	struct thread *t = child(), *u = child();
	struct sync_birth birth = {.kind = SYNC_rwlock, .flags = SF_WRITERS_FIRST};

	(void)s;
	sync_born(self, A, &birth);
	take(t, A, HELD_READ);
	NEST_IN(t, HELD_MUTEX, B);
	held_pop(t, A);
	take(u, B, HELD_MUTEX);
	NEST_IN(u, HELD_READ, A);
	held_pop(u, B);
	assert_int_equal(told(), before + 1);
	assert_non_null(last_line("order", "\"doubt\":1"));
	end_and_join(t);
	end_and_join(u);
}

/* Many locks all over the place: the ring of two is found all the same, and soon. */
static void test_in_a_thicket(void **s)
{
	struct thread *t = child(), *u = child();
	unsigned before = told();
	u64 lock[40];

	(void)s;
	for (int i = 0; i < 40; i++)
		lock[i] = next_addr += 0x140;
	for (int i = 0; i < 40; i++)
		for (int k = i + 1; k < 40; k++)
			NEST(t, HELD_MUTEX, lock[i], lock[k]);
	assert_int_equal(told(), before);
	NEST(u, HELD_MUTEX, lock[39], lock[0]);
	assert_int_equal(told(), before + 1);
	end_and_join(t);
	end_and_join(u);
}

static void test_ring_of_24(void **s)
{
	struct thread *t[24];
	unsigned before = told();
	u64 lock[24];

	(void)s;
	for (int i = 0; i < 24; i++) {
		lock[i] = next_addr += 0x140;
		t[i] = child();
	}
	for (int i = 0; i < 24; i++)
		NEST(t[i], HELD_MUTEX, lock[i], lock[(i + 1) % 24]);
	assert_int_equal(told(), before + 1);
	for (int i = 0; i < 24; i++)
		end_and_join(t[i]);
}

/* Locks and threads that come and go take no memory for good. */
static void test_uses_are_given_back(void **s)
{
	size_t shared, priv, priv_then = 0;

	(void)s;
	for (int i = 0; i < 3000; i++) {
		struct thread *t[4];

		fresh(NULL);
		for (int k = 0; k < 4; k++) {
			t[k] = child();
			NEST(t[k], HELD_MUTEX, A, B);
		}
		for (int k = 0; k < 4; k++)
			end_and_join(t[k]);
		sync_died(self, A, SYNC_mutex);
		sync_died(self, B, SYNC_mutex);
		if (i == 100)
			arena_usage(&shared, &priv_then);
	}
	arena_usage(&shared, &priv);
	assert_true(priv <= priv_then + (64u << 10));
}

/* A lock of each session and the table's, never the same session; then the same one, in an order.
 */
static void test_by_site(void **s)
{
	struct sync_birth session = {.kind = SYNC_mutex, .stack = 50007},
			  table = {.kind = SYNC_mutex, .stack = 50008};
	struct thread *t = child(), *u = child();
	unsigned before = told(), kinds = told_by_site(), taken_back = lines_of("order_apart");

	(void)s;
	sync_born(self, A, &session);
	sync_born(self, B, &session);
	sync_born(self, G, &table);
	NEST(t, HELD_MUTEX, A, G);
	assert_int_equal(told_by_site(), kinds);
	NEST(u, HELD_MUTEX, G, B);
	assert_int_equal(told_by_site(), kinds + 1);
	NEST(u, HELD_MUTEX, G, B);
	NEST(self, HELD_MUTEX, G, B);
	assert_int_equal(told_by_site(), kinds + 1); /* once */
	assert_int_equal(told(), before);
	order_release(t, order_key(ORDER_SYNC, 9100, 0));
	order_acquire(u, order_key(ORDER_SYNC, 9100, 0));
	NEST(u, HELD_MUTEX, G, A);
	assert_int_equal(told(), before);
	assert_int_equal(lines_of("order_apart"), taken_back + 1);
	end_and_join(t);
	end_and_join(u);
}

static int up(void **s)
{
	int rc = core_up(s);

	third = rc ? NULL : child();
	return rc;
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
	    cmocka_unit_test_setup(test_joined_in_between, fresh),
	    cmocka_unit_test_setup(test_join_missing, fresh),
	    cmocka_unit_test_setup(test_pool_is_joined, fresh),
	    cmocka_unit_test_setup(test_posted, fresh),
	    cmocka_unit_test_setup(test_order_not_known, fresh),
	    cmocka_unit_test_setup(test_three_edges_of_two_threads, fresh),
	    cmocka_unit_test_setup(test_gate_missing_long_ago, fresh),
	    cmocka_unit_test_setup(test_gates_of_some, fresh),
	    cmocka_unit_test_setup(test_readers_behind_a_writer, fresh),
	    cmocka_unit_test_setup(test_in_a_thicket, fresh),
	    cmocka_unit_test_setup(test_ring_of_24, fresh),
	    cmocka_unit_test_setup(test_uses_are_given_back, fresh),
	    cmocka_unit_test_setup(test_by_site, fresh),
	    cmocka_unit_test_setup(test_first_thread_goes_on, fresh),
	    cmocka_unit_test_setup(test_harmless_cycle_first, fresh),
	    cmocka_unit_test_setup(test_unknown_lock_makes_no_order, fresh),
	    cmocka_unit_test_setup(test_churn_leaves_no_edges, fresh),
	};

	return cmocka_run_group_tests(tests, up, NULL);
}
