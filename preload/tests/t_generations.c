/* SPDX-License-Identifier: MIT */
/*
 * Objects and the memory they lie in: the filter by page, what is too young to be meant, modules,
 * frames of the stack, age.
 */
#include "tests/core.h"

#include "base/modules.h"

static u8 data[64 * 4096] __attribute__((aligned(4096)));

/* An address that is neither in a module nor on our stack: nothing is stored there. */
static u64 far_away(u64 i)
{
	return 0x100000000000ull + i;
}
static u32 born(u64 addr)
{
	struct sync_birth b = {.kind = SYNC_mutex, .stack = 1};

	return sync_born(thread_self, addr, &b);
}
static bool lives(u64 addr)
{
	return sync_find(addr, SYNC_mutex) != 0;
}

static void test_memory(void **s)
{
	(void)s;
	for (u64 at = 0; at < 8 * 4096; at += 2048)
		born(far_away(at));
	assert_int_equal(sync_on_heap, 16);
	assert_true(page_may_hold(far_away(4096)));
	assert_false(page_may_hold(far_away(100 * 4096)));
	sync_memory_gone(thread_self, far_away(2049),
			 4096); /* from after the second to the fourth */
	for (u64 at = 0; at < 8 * 4096; at += 2048)
		assert_int_equal(lives(far_away(at)), at != 4096 && at != 6144);
	sync_memory_gone(thread_self, far_away(0), 0); /* nothing */
	assert_true(lives(far_away(0)));
	sync_memory_gone(NULL, far_away(0), 8 * 4096); /* by a thread that is not observed */
	assert_int_equal(sync_on_heap, 0);
	for (u64 page = 0; page < 8; page++)
		assert_false(page_may_hold(far_away(page * 4096)));
}

/* The memory was given back and taken again by another thread, before we could say so. */
static void test_younger(void **s)
{
	u32 newest;

	(void)s;
	born(far_away(0));
	newest = sync_newest();
	born(far_away(64));
	sync_memory_gone_before(thread_self, far_away(0), 4096, newest);
	assert_false(lives(far_away(0)));
	assert_true(lives(far_away(64)));
	sync_memory_gone(thread_self, far_away(0), 4096);
	assert_false(lives(far_away(64)));
}

/* Pages that share a bit of the filter: one's end is not the other's. */
static void test_shared_bit(void **s)
{
	u64 other = (u64)PAGE_FILTER_BITS * 4096;

	(void)s;
	born(far_away(0));
	born(far_away(other));
	sync_memory_gone(thread_self, far_away(0), 4096);
	assert_true(lives(far_away(other)));
	assert_true(page_may_hold(far_away(other)));
	sync_memory_gone(thread_self, far_away(other), 4096);
	assert_false(page_may_hold(far_away(other)));
}

/* What lies in a module's data can't be freed: free() isn't slowed down by it. */
static void test_module(void **s)
{
	u64 at = (u64)(uintptr_t)&data[4096];
	struct st_sync *o = sync_row(born(at));

	(void)s;
	assert_true(o->flags & SF_MODULE);
	assert_int_equal(sync_on_heap, 0);
	sync_died(thread_self, at, SYNC_mutex);
	assert_int_equal(sync_on_heap, 0);
}

/* Until a semaphore dies, what threads remember of semaphores is good. */
static void test_semaphores(void **s)
{
	struct sync_birth b = {.kind = SYNC_sem, .stack = 1};
	u32 before = sync_sems_died;

	(void)s;
	born(far_away(0));
	sync_memory_gone(thread_self, far_away(0), 64);
	sync_born(thread_self, far_away(0), &b);
	assert_int_equal(sync_sems_died, before);
	sync_memory_gone(thread_self, far_away(0), 64);
	assert_int_equal(sync_sems_died, before + 1);
}

static __attribute__((noinline)) u32 on_stack(u64 *at)
{
	volatile u64 lock[5] = {0};
	u32 first;

	*at = (u64)(uintptr_t)&lock[0];
	first = sync_row(sync_see(thread_self, *at, SYNC_mutex, 0))->serial;
	assert_int_equal(sync_row(sync_see(thread_self, *at, SYNC_mutex, 0))->serial, first);
	return first;
}
static __attribute__((noinline)) u32 caller_one(u64 *at)
{
	u32 serial = on_stack(at);

	__asm__ volatile("" ::: "memory");
	return serial;
}
static __attribute__((noinline)) u32 caller_two(u64 *at)
{
	u32 serial = on_stack(at);

	__asm__ volatile("nop" ::: "memory");
	return serial;
}
/* The same function's frame at the same place, called from two: two objects. */
static void test_frames(void **s)
{
	u64 one, two;
	u32 first, second;

	(void)s;
	first = caller_one(&one);
	second = caller_two(&two);
	assert_int_equal(one, two); /* or the test says nothing */
	assert_int_not_equal(first, second);
	assert_int_equal(sync_on_heap, 0);
	sync_memory_gone(thread_self, thread_self->stack_lo,
			 thread_self->stack_hi - thread_self->stack_lo);
	assert_false(lives(one));
}

static void test_age(void **s)
{
	u32 used;

	(void)s;
	born(far_away(0));
	sync_memory_gone(thread_self, far_away(0), 4096);
	used = state->table[TABLE_sync].used;
	for (u64 i = 0; i < 20000; i++) {
		born(far_away(i * 64));
		sync_memory_gone(thread_self, far_away(i * 64), 64);
	}
	assert_int_equal(state->table[TABLE_sync].used, used);
	assert_int_equal(sync_on_heap, 0);
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
	    cmocka_unit_test(test_memory),     cmocka_unit_test(test_younger),
	    cmocka_unit_test(test_shared_bit), cmocka_unit_test(test_module),
	    cmocka_unit_test(test_semaphores), cmocka_unit_test(test_frames),
	    cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, up, NULL);
}
