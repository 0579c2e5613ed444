/* SPDX-License-Identifier: MIT */
/*
 * Stacks by id: equal ones have one id, in all threads; ids stay; the table's limit. (The memo of
 * contexts needs the tool in a module of its own: tests/wrap.).
 */
#include "tests/core.h"

#include "state/stacks.h"

#define NOINLINE __attribute__((noinline, noclone))
enum { DEEP = 12, THREADS = 4, ROUNDS = 500 };

static u32 ids[THREADS][DEEP + 1];

NOINLINE static u32 down(int depth)
{
	u32 id = depth ? down(depth - 1) : stack_here(thread_self);

	__asm__ volatile("" : "+r"(id)); /* no tail call */
	return id;
}
NOINLINE static u32 down_elsewhere(int depth)
{
	u32 id = depth ? down_elsewhere(depth - 1) : stack_here(thread_self);

	__asm__ volatile("" : "+r"(id), "+r"(depth));
	return id;
}

/* A loop may be unrolled into several call sites. */
NOINLINE static u32 one_place(int depth)
{
	u32 id = down(depth);

	__asm__ volatile("" : "+r"(id));
	return id;
}

static void walk_all(int nth)
{
	for (int i = 0; i < ROUNDS; i++)
		for (int d = 0; d <= DEEP; d++) {
			u32 id = one_place(d);

			CHECK(id);
			if (!i)
				ids[nth][d] = id;
			CHECK(ids[nth][d] == id);
		}
}

static void test_equal_in_all_threads(void **s)
{
	(void)s;
	crew_run(THREADS, walk_all);
	for (int d = 0; d <= DEEP; d++) {
		for (int i = 1; i < THREADS; i++)
			assert_int_equal(ids[0][d], ids[i][d]);
		for (int e = 0; e < d; e++)
			assert_int_not_equal(ids[0][d], ids[0][e]);
	}
}

static void test_frames(void **s)
{
	const struct st_frame *f, *g;
	u32 a = down(3), b = down(5), n, m;

	(void)s;
	n = stack_frames(a, &f);
	m = stack_frames(b, &g);
	assert_int_equal(m, n + 2);
	for (u32 i = 1; i < n;
	     i++) /* from the outer end: the same but for the line in this function */
		if (i != n - 4 && f[n - i].pc != g[m - i].pc)
			assert_in_range(f[n - i].pc > g[m - i].pc ? f[n - i].pc - g[m - i].pc
								  : g[m - i].pc - f[n - i].pc,
					1, 64);
	assert_int_equal(stack_frames(0, &f), 0);
	assert_int_equal(stack_frames(1u << 30, &f), 0);
	assert_int_not_equal(down(4), down_elsewhere(4));
}

/* The table is full: 0, counted, and no frames are taken for it. */
static void test_limit(void **s)
{
	u32 frames, known = down(2), dropped = (u32)state->table[TABLE_stack].dropped;

	(void)s;
	config.max_stacks = state->table[TABLE_stack].used;
	frames = state->table[TABLE_frame].used;
	assert_int_equal(down_elsewhere(7), 0);
	assert_int_equal(state->table[TABLE_frame].used, frames);
	assert_int_equal(state->table[TABLE_stack].dropped, dropped + 1);
	assert_int_not_equal(known, 0);
	config.max_stacks = 65536;
	assert_int_not_equal(down_elsewhere(7), 0);
}

static void test_line_of_a_stack_once(void **s)
{
	unsigned before = lines_of("stack");
	u32 id = down_elsewhere(9);

	(void)s;
	event_stack(id);
	event_stack(id);
	event_stack(0);
	assert_int_equal(lines_of("stack"), before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal_in_all_threads),
	    cmocka_unit_test(test_frames),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_line_of_a_stack_once),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
