/* SPDX-License-Identifier: MIT */
/*
 * Compares the preload's stack walker with libunwind at one place, from wherever it is called:
 * plain code, callbacks, signal handlers, other threads. Nothing is asserted here (an assertion's
 * longjmp must not leave a handler); the test looks at the tally afterwards.
 */
#ifndef PITFALL_TESTS_ORACLE_H
#define PITFALL_TESTS_ORACLE_H

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/unwind.h"

#define ORACLE_MAX 512

struct tally {
	_Atomic(int) walks;	/* comparisons made */
	_Atomic(int) frames;	/* frames compared: those of the longer of both walks */
	_Atomic(int) same;	/* of these, with the same pc */
	_Atomic(int) bad_slots; /* frames whose slot doesn't hold their pc */
	_Atomic(int) longest;
	char first_difference[4096];
};
static struct tally tally;

static void tally_reset(void)
{
	memset(&tally, 0, sizeof(tally));
}

static void difference_keep(const struct unwind_frame *ours, int n, const uintptr_t *theirs, int m)
{
	char *to = tally.first_difference;
	size_t at = 0, room = sizeof(tally.first_difference);

	if (to[0])
		return;
	for (int i = 0; (i < n || i < m) && i < 40 && at < room; i++)
		at += snprintf(to + at, room - at, "  %2d %12lx %12lx%s\n", i,
			       i < n ? ours[i].pc : 0, i < m ? theirs[i] : 0,
			       i > 0 && (i >= n || i >= m || ours[i].pc != theirs[i]) ? " <" : "");
}

static int oracle_walk(unw_context_t *context, uintptr_t *pcs)
{
	unw_cursor_t cursor;
	unw_word_t ip;
	int m = 0;

	if (unw_init_local(&cursor, context) < 0)
		return 0;
	do {
		if (unw_get_reg(&cursor, UNW_REG_IP, &ip) < 0 || ip == 0)
			break;
		pcs[m++] = ip;
	} while (m < ORACLE_MAX && unw_step(&cursor) > 0);
	return m;
}

/* Frame 0 is this function itself, at two different calls: it is not compared. */
static __attribute__((noinline, unused, no_sanitize_address)) void oracle_compare(void)
{
	static __thread struct unwind_frame ours[ORACLE_MAX];
	static __thread uintptr_t theirs[ORACLE_MAX];
	unw_context_t context;
	int n, m, same = 0;

	n = unwind_stack(ours, ORACLE_MAX);
	unw_getcontext(&context);
	m = oracle_walk(&context, theirs);
	for (int i = 1; i < n; i++)
		if (*(uintptr_t *)ours[i].slot != ours[i].pc)
			tally.bad_slots++;
	for (int i = 1; i < n && i < m; i++)
		same += ours[i].pc == theirs[i];
	tally.walks++;
	tally.frames += (n > m ? n : m) - 1;
	tally.same += same;
	if (n > tally.longest)
		tally.longest = n;
	if (same != (n > m ? n : m) - 1)
		difference_keep(ours, n, theirs, m);
}

/* At least `walks` comparisons, the longest of at least `longest` frames, no frame different. */
#define assert_tally(walks_min, longest_min)                                                       \
	do {                                                                                       \
		if (tally.same != tally.frames)                                                    \
			print_error("ours, libunwind:\n%s", tally.first_difference);               \
		assert_int_equal(tally.same, tally.frames);                                        \
		assert_int_equal(tally.bad_slots, 0);                                              \
		assert_in_range(tally.walks, walks_min, 1 << 30);                                  \
		assert_in_range(tally.longest, longest_min, 1 << 30);                              \
		tally_reset();                                                                     \
	} while (0)

#endif
