/* SPDX-License-Identifier: MIT */
/*
 * Objects destroyed by a call: remembered by their address until their memory goes, something new
 * lies there, a fault of theirs was told, or too many came after them.
 */
#include "tests/core.h"

#include "state/sites.h"

#define AT(i) (0x9000000 + (u64)(i)*64)

static u32 born(u64 at, enum sync_kind kind, u32 flags)
{
	struct sync_birth b = {.kind = kind, .stack = 7, .flags = flags};

	return sync_born(self, at, &b);
}

static u32 remembered(u64 at, enum sync_kind kind)
{
	return sync_find_destroyed(self, at, kind);
}

static void test_remembered(void **s)
{
	u32 row = born(AT(0), SYNC_rwlock, 0), serial = sync_row(row)->serial;

	(void)s;
	sync_destroyed(self, AT(0), SYNC_rwlock, 0);
	assert_int_equal(sync_find(AT(0), SYNC_rwlock), 0);
	assert_int_equal(remembered(AT(0), SYNC_rwlock), row);
	assert_int_equal(remembered(AT(0), SYNC_mutex), 0);
	assert_int_equal(sync_row(row)->serial, serial);
	assert_true(sync_row(row)->died && sync_row(row)->died_stack);
	sync_destroyed(self, AT(1), SYNC_mutex, SF_RECURSIVE); /* one that had no row */
	assert_true(remembered(AT(1), SYNC_mutex));
	assert_true(sync_row(remembered(AT(1), SYNC_mutex))->flags & SF_STATIC);
	born(AT(2), SYNC_mutex, SF_PSHARED); /* others may make it anew */
	sync_destroyed(self, AT(2), SYNC_mutex, 0);
	assert_int_equal(remembered(AT(2), SYNC_mutex), 0);
}

static void test_something_new(void **s)
{
	(void)s;
	born(AT(3), SYNC_sem, 0);
	sync_destroyed(self, AT(3), SYNC_sem, 0);
	born(AT(3), SYNC_sem, 0);
	assert_int_equal(remembered(AT(3), SYNC_sem), 0);
	sync_destroyed(self, AT(3), SYNC_sem, 0);
	sync_see(self, AT(3), SYNC_mutex, 0); /* also of another kind */
	assert_int_equal(remembered(AT(3), SYNC_sem), 0);
	assert_true(sync_find(AT(3), SYNC_mutex));
}

static void test_memory_goes(void **s)
{
	(void)s;
	born(AT(0x400), SYNC_spin, 0);
	sync_destroyed(self, AT(0x400), SYNC_spin, 0);
	assert_true(sync_dead_spins & sync_spin_bit(AT(0x400)));
	assert_true(page_may_hold(AT(0x400)) && lines_may_hold(AT(0x400), 4));
	sync_memory_gone(self, AT(0x400), 64);
	assert_int_equal(remembered(AT(0x400), SYNC_spin), 0);
	assert_false(page_may_hold(AT(0x400)));
	assert_false(lines_may_hold(AT(0x400), 4));
	assert_int_equal(sync_dead_spins, 0);
}

static void test_told(void **s)
{
	u32 row = born(AT(5), SYNC_barrier, 0);

	(void)s;
	sync_destroyed(self, AT(5), SYNC_barrier, 0);
	sync_told(row);
	assert_int_equal(remembered(AT(5), SYNC_barrier), 0);
	assert_true(sync_row(row)->serial &&
		    sync_row(row)->flags & SF_MISUSED); /* for the report */
	assert_int_not_equal(born(AT(5), SYNC_barrier, 0), row);
}

static void test_bounded(void **s)
{
	u32 used;

	(void)s;
	born(AT(6), SYNC_mutex, 0);
	sync_destroyed(self, AT(6), SYNC_mutex, 0);
	for (u32 i = 0; i < 1024; i++) {
		born(AT(0x1000 + i), SYNC_mutex, 0);
		sync_destroyed(self, AT(0x1000 + i), SYNC_mutex, 0);
	}
	used = state->table[TABLE_sync].used;
	assert_int_equal(remembered(AT(6), SYNC_mutex), 0); /* the oldest makes room */
	for (u32 i = 0; i < 5000; i++) {
		born(AT(0x2000 + i), SYNC_mutex, 0);
		sync_destroyed(self, AT(0x2000 + i), SYNC_mutex, 0);
	}
	assert_true(state->table[TABLE_sync].used <= used + 1);
	assert_true(remembered(AT(0x2000 + 4999), SYNC_mutex));
}

/* What was made by a call and goes without one is counted at its site; what was destroyed isn't. */
static void test_lost(void **s)
{
	struct sync_birth b = {.kind = SYNC_cond, .stack = 99};
	u32 row = sync_born(self, AT(7), &b);
	struct st_site *x = site_get(sync_row(row)->site);

	(void)s;
	sync_destroyed(self, AT(7), SYNC_cond, 0);
	assert_int_equal(x->lost, 0);
	sync_memory_gone(self, AT(7), 64);
	assert_int_equal(x->lost, 0);
	sync_born(self, AT(7), &b);
	sync_memory_gone(self, AT(7), 64);
	assert_int_equal(x->lost, 1);
	sync_born(self, AT(7), &b);
	sync_born(self, AT(7), &b); /* made anew over a living one */
	assert_int_equal(x->lost, 2);
	sync_see(self, AT(8), SYNC_cond, 0);
	sync_memory_gone(self, AT(8), 64);
	assert_int_equal(x->lost, 2);
}

/* By several threads at the same places: nothing is lost, nothing stays. */
static void lives(int nth)
{
	struct thread *t = thread_self;
	struct sync_birth b = {.kind = SYNC_mutex, .stack = 3};

	for (int i = 0; i < 20000; i++) {
		u64 at = AT(0x8000 + (i * 7 + nth) % 16);

		switch ((i + nth) % 4) {
		case 0:
			sync_born(t, at, &b);
			break;
		case 1:
		case 2:
			sync_destroyed(t, at, SYNC_mutex, 0);
			break;
		case 3:
			sync_memory_gone(t, at, 64);
			break;
		}
		sync_find_destroyed(t, at, SYNC_mutex);
	}
}

static void test_torture(void **s)
{
	(void)s;
	crew_run(4, lives);
	sync_memory_gone(self, AT(0x8000), 16 * 64);
	for (u32 i = 0; i < 16; i++) {
		assert_int_equal(sync_find(AT(0x8000 + i), SYNC_mutex), 0);
		assert_int_equal(remembered(AT(0x8000 + i), SYNC_mutex), 0);
	}
	assert_false(page_may_hold(AT(0x8000)));
}

static int up(void **s)
{
	return core_up(s) < 0 || modules_init() < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_remembered),	cmocka_unit_test(test_something_new),
	    cmocka_unit_test(test_memory_goes), cmocka_unit_test(test_told),
	    cmocka_unit_test(test_bounded),	cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_torture),
	};

	return cmocka_run_group_tests(tests, up, NULL);
}
