/* SPDX-License-Identifier: MIT */
/*
 * Tables that make room by giving up what was said of the dead: roles, locks held across calls,
 * waits for locks. What lives stays, whatever came and went.
 */
#include "core.h"

#include "state/alive.h"
#include "state/holdio.h"
#include "state/roles.h"

enum { MANY = 40000, FEW = 20000 };

static u32 born(u64 addr)
{
	struct sync_birth b = {.kind = SYNC_mutex, .stack = 1};

	return sync_row(sync_born(self, addr, &b))->serial;
}

static const struct st_role *role_of(u32 obj, u32 thread)
{
	for (u32 i = 1; i < state->table[TABLE_role].used; i++) {
		const struct st_role *r = row_get(TABLE_role, i);

		if (r && r->kind && r->obj == obj && r->thread == thread)
			return r;
	}
	return NULL;
}

static void test_roles_of_dead_objects(void **s)
{
	u32 lives = born(0x10000), dropped = (u32)state->table[TABLE_role].dropped;

	(void)s;
	role_note(self, ROLE_SYNC, lives, 0, ROLE_SENDS);
	for (u32 i = 0; i < MANY; i++) {
		u32 dies = born(0x20000);

		role_note(self, ROLE_SYNC, dies, 0, ROLE_SENDS);
		sync_died(self, 0x20000, SYNC_mutex);
	}
	assert_in_range(state->table[TABLE_role].used, 1, MANY / 2);
	assert_int_equal(state->table[TABLE_role].dropped, dropped); /* nothing true was lost */
	role_note(self, ROLE_SYNC, lives, 0, ROLE_SENDS);
	assert_int_equal(role_of(lives, self->serial)->count, 2);
}

static void test_roles_of_ended_threads(void **s)
{
	u32 lives = born(0x30000);

	(void)s;
	role_note(self, ROLE_SYNC, lives, 0, ROLE_RECEIVES);
	for (u32 i = 0; i < MANY; i++) {
		struct thread *t = paper_thread();

		role_note(t, ROLE_SYNC, lives, 0, ROLE_SENDS);
		paper_thread_gone(t);
	}
	assert_in_range(state->table[TABLE_role].used, 1, MANY / 2);
	assert_true(state->table[TABLE_role].dropped > 0);
	assert_non_null(role_of(lives, self->serial));
}

static void test_cost_of_dead_locks(void **s)
{
	struct hold_io_key k = {
	    .mode = HELD_MUTEX, .addr = 0x40000, .acq_stack = 1, .call = CALL_read};
	u32 lives = born(0x40000);
	struct st_contend *c = contend_get(lives, 0x40000, 1, 0), *worst;
	struct st_hold_io *h;

	(void)s;
	k.obj = lives;
	h = hold_io_get(&k, 1);
	c->ns = h->ns = 1;
	worst = contend_get(lives + 1, 0x41000, 1, 0); /* never heard of: dead */
	worst->ns = 1000000;
	for (u32 i = 2; i < FEW; i++) {
		k.obj = lives + i;
		contend_get(lives + i, 0x41000, 1, 0)->ns = 1;
		hold_io_get(&k, 1)->ns = 1;
	}
	assert_in_range(state->table[TABLE_contend].used, 1, FEW / 2);
	assert_in_range(state->table[TABLE_hold_io].used, 1, FEW / 2);
	assert_true(state->table[TABLE_contend].dropped > 0);
	k.obj = lives;
	assert_ptr_equal(contend_get(lives, 0x40000, 1, 0), c);
	assert_ptr_equal(hold_io_get(&k, 2), h);
	assert_ptr_equal(contend_get(lives + 1, 0x41000, 1, 0), worst);
	assert_int_equal(worst->ns, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_roles_of_dead_objects),
	    cmocka_unit_test(test_roles_of_ended_threads),
	    cmocka_unit_test(test_cost_of_dead_locks),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
