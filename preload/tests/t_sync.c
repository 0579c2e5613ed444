/* SPDX-License-Identifier: MIT */
/*
 * Objects by address: births and deaths by several threads at the same places, generations, memory
 * given back.
 */
#include "tests/core.h"

#include "state/sites.h"

enum { THREADS = 4, ROUNDS = 20000, PLACES = 16 };
#define AT(i) (0x7000000 + (u64)(i)*48)

static void births_and_deaths(int nth)
{
	struct thread *t = thread_self;
	unsigned seed = 99u + (unsigned)nth;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned k = (seed = seed * 1103515245 + 12345) >> 16;
		u64 at = AT(k % PLACES);
		struct sync_birth b = {.kind = SYNC_mutex, .stack = 1 + k % 5};
		u32 row;

		switch (k / PLACES % 4) {
		case 0:
			sync_born(t, at, &b);
			break;
		case 1:
			row = sync_see(t, at, SYNC_mutex, 0);
			CHECK(row);
			break;
		case 2:
			sync_died(t, at, SYNC_mutex);
			break;
		case 3:
			sync_memory_gone(t, at, 48);
			break;
		}
		row = sync_find(at, SYNC_cond);
		CHECK(!row);
	}
}

static void test_torture(void **s)
{
	u32 alive = 0, n = state->table[TABLE_sync].used;

	(void)s;
	crew_run(THREADS, births_and_deaths);
	for (int i = 0; i < PLACES; i++)
		sync_see(self, AT(i), SYNC_mutex, 0);
	for (u32 i = 1; i < state->table[TABLE_sync].used; i++) {
		struct st_sync *r = row_get(TABLE_sync, i);

		if (!r->serial)
			continue;
		alive++;
		assert_int_equal(r->died, 0);
		assert_int_equal(sync_find(r->addr, SYNC_mutex), i);
	}
	assert_int_equal(alive, PLACES); /* one each, none lost, none twice */
	assert_true(state->table[TABLE_sync].used <= n + PLACES + THREADS);
	for (u32 i = 1, live = 0; i < state->table[TABLE_site].used; i++) {
		struct st_site *x = site_get(i);

		live += x->kind == SITE_sync ? x->made - x->gone : 0;
		if (i + 1 == state->table[TABLE_site].used)
			assert_int_equal(live, PLACES);
	}
	sync_memory_gone(self, AT(0), AT(PLACES) - AT(0));
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(sync_find(AT(i), SYNC_mutex), 0);
	assert_false(page_may_hold(AT(0)));
}

static void test_kinds_live_apart(void **s)
{
	u32 m = sync_see(self, 0x5000, SYNC_mutex, 0), c = sync_see(self, 0x5000, SYNC_cond, 0);

	(void)s;
	assert_int_not_equal(m, c);
	sync_died(self, 0x5000, SYNC_cond);
	assert_int_equal(sync_find(0x5000, SYNC_mutex), m);
	assert_int_equal(sync_find(0x5000, SYNC_cond), 0);
}

static void test_init_ends_what_was_there(void **s)
{
	struct sync_birth b = {.kind = SYNC_mutex, .flags = SF_RECURSIVE};
	u32 a = sync_see(self, 0x6000, SYNC_mutex, 0), old = sync_row(a)->serial,
	    gen = sync_generation(0x6000), n;

	(void)s;
	n = sync_born(self, 0x6000, &b);
	assert_int_equal(sync_find(0x6000, SYNC_mutex), n);
	assert_true(sync_row(n)->serial > old);
	assert_int_equal(sync_row(n)->flags & SF_RECURSIVE, SF_RECURSIVE);
	assert_int_not_equal(sync_generation(0x6000), gen);
}

/* What was waited for is kept, dead, for the report; a row of that serial only. */
static void test_dead_with_history_is_kept(void **s)
{
	u32 a = sync_see(self, 0x6800, SYNC_mutex, 0), serial = sync_row(a)->serial;

	(void)s;
	sync_waited(a, self, 500, 0);
	sync_waited(a, self, 300, 0);
	sync_died(self, 0x6800, SYNC_mutex);
	assert_int_equal(sync_row(a)->serial, serial);
	assert_int_equal(sync_row(a)->wait_max, 500);
	assert_int_equal(sync_row(a)->waits, 2);
	assert_true(sync_row(a)->flags & SF_DEAD);
	assert_int_equal(sync_find(0x6800, SYNC_mutex), 0);
	assert_int_not_equal(sync_see(self, 0x6800, SYNC_mutex, 0), a);
}

static void test_memory_gone_by_bytes(void **s)
{
	(void)s;
	for (u64 i = 0; i < 8; i++)
		sync_see(self, 0x200fe0 + i * 16, SYNC_mutex, 0); /* across a page's end */
	sync_memory_gone(self, 0x200ff0, 0x30);
	for (u64 i = 0; i < 8; i++)
		assert_int_equal(!sync_find(0x200fe0 + i * 16, SYNC_mutex), i >= 1 && i < 4);
	sync_memory_gone(self, 0x100000, 0x40000000); /* a large unmapping finds the rest */
	for (u64 i = 0; i < 8; i++)
		assert_int_equal(sync_find(0x200fe0 + i * 16, SYNC_mutex), 0);
}

/* A wait left by cancellation is counted down once, and only on the object it was for. */
static void test_forsaken(void **s)
{
	struct thread *t = paper_thread();
	u32 c = sync_see(self, 0x8800, SYNC_cond, 0);

	(void)s;
	sync_row(c)->waiters = 1;
	wait_for(t, CALL_cond_wait, 0x8800, 0);
	t->live->wait_obj = sync_row(c)->serial;
	sync_forsaken(t);
	assert_int_equal(sync_row(c)->waiters, 0);
	assert_int_equal(t->live->wait_call, CALL_none);
	sync_row(c)->waiters = 1;
	sync_forsaken(t);
	assert_int_equal(sync_row(c)->waiters, 1);
	wait_for(t, CALL_cond_wait, 0x8800, 0);
	t->live->wait_obj = sync_row(c)->serial + 1; /* an earlier one at this address */
	sync_forsaken(t);
	assert_int_equal(sync_row(c)->waiters, 1);
}

/* With the bounds of this stack, as wrap/ would have given them. */
static int up(void **s)
{
	pthread_attr_t attr;
	void *lo;
	size_t size;

	if (core_up(s) < 0 || modules_init() < 0 || pthread_getattr_np(pthread_self(), &attr))
		return -1;
	pthread_attr_getstack(&attr, &lo, &size);
	self->stack_lo = (uintptr_t)lo;
	self->stack_hi = (uintptr_t)lo + size;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_torture),
	    cmocka_unit_test(test_kinds_live_apart),
	    cmocka_unit_test(test_init_ends_what_was_there),
	    cmocka_unit_test(test_dead_with_history_is_kept),
	    cmocka_unit_test(test_memory_gone_by_bytes),
	    cmocka_unit_test(test_forsaken),
	};

	return cmocka_run_group_tests(tests, up, NULL);
}
