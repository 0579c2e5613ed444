/* SPDX-License-Identifier: MIT */
/*
 * The timer table: births and deaths by (kind, id), reuse of ids, arming, and which creating calls
 * have returned.
 */
#include "tests/core.h"

#include "base/modules.h"

#include <signal.h>

#include "state/sites.h"
#include "state/timers.h"

static u32 born(u64 id)
{
	struct timer_birth b = {.kind = TIMER_posix, .id = id, .notify = SIGEV_SIGNAL, .signo = 40};

	return timer_born(thread_self, &b);
}

static void test_find(void **s)
{
	u32 a = born(1), b = born(2), c;
	struct timer_birth fd = {.kind = TIMER_timerfd, .id = 1};

	(void)s;
	c = timer_born(thread_self, &fd);
	assert_true(a && b && c && a != b && b != c);
	assert_int_equal(timer_find(TIMER_posix, 1), a);
	assert_int_equal(timer_find(TIMER_timerfd, 1), c);
	assert_int_equal(timer_find(TIMER_posix, 3), 0);
	assert_int_equal(state->timers_live, 3);
	timer_died(a);
	assert_int_equal(timer_find(TIMER_posix, 1), 0);
	assert_int_equal(timer_find(TIMER_timerfd, 1), c);
	timer_died(a); /* a second death is none */
	assert_int_equal(state->timers_live, 2);
	timer_died(b);
	timer_died(c);
	assert_int_equal(state->timers_live, 0);
	assert_int_equal(state->timers_peak, 3);
}

/* Deleted unseen, and its id given again: one lives, with nothing of the old one. */
static void test_reuse(void **s)
{
	u32 a = born(7), b;

	(void)s;
	timer_armed(thread_self, a, 5, 5);
	b = born(7);
	assert_int_equal(timer_find(TIMER_posix, 7), b);
	assert_int_equal(state->timers_live, 1);
	assert_int_equal(timer_row(b)->arms, 0);
	assert_int_equal(timer_row(b)->flags & MF_ARMED, 0);
	timer_died(b);
}

static void test_armed(void **s)
{
	u32 a = born(9);
	struct st_timer *m = timer_row(a);

	(void)s;
	timer_armed(thread_self, a, 100, 0);
	assert_int_equal(m->flags & (MF_ARMED | MF_PERIODIC), MF_ARMED);
	timer_armed(thread_self, a, 100, 2000);
	assert_int_equal(m->flags & (MF_ARMED | MF_PERIODIC), MF_ARMED | MF_PERIODIC);
	assert_int_equal(m->arms, 2);
	assert_int_equal(site_get(m->site)->period_ns, 2000);
	timer_armed(thread_self, a, 100, 500);
	assert_int_equal(site_get(m->site)->period_ns, 500);
	timer_signal_taken(41);
	assert_int_equal(m->consumed, 0);
	timer_signal_taken(40);
	timer_took(a, 3);
	assert_int_equal(m->consumed, 4);
	timer_armed(thread_self, a, 0, 500);
	assert_int_equal(m->flags & (MF_ARMED | MF_PERIODIC), 0);
	assert_int_equal(m->arms, 3); /* disarming is no arming */
	timer_signal_taken(40);
	assert_int_equal(m->consumed, 4);
	timer_died(a);
}

/* A function far down the stack makes more timers than are watched; the caller's next call, higher
 * up, proves that it returned. */
static void test_returned(void **s)
{
	uintptr_t base = thread_self->stack_lo + 65536;
	u32 row[3 * WATCHES];
	struct st_site *site;

	(void)s;
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		row[i] = born(100 + i);
		timer_row(row[i])->creator_cfa = base + 16 * i;
		frame_watch_add(thread_self, base + 16 * i, row[i]);
	}
	site = site_get(timer_row(row[0])->site);
	site->returned = 0;
	frame_watch_check_slow(thread_self, base - 64);
	for (u32 i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(timer_row(row[i])->flags & MF_RETURNED, 0);
	frame_watch_check_slow(thread_self, base + 16 * 10 + 8); /* the first eleven */
	for (u32 i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(!!(timer_row(row[i])->flags & MF_RETURNED), i <= 10);
	assert_int_equal(site->returned, 11);
	timer_died(row[0]);
	assert_int_equal(site->returned, 10);
	timers_thread_ended(thread_self->serial + 1);
	assert_int_equal(timer_row(row[20])->flags & MF_CREATOR_ENDED, 0);
	timers_thread_ended(thread_self->serial);
	for (u32 i = 1; i < ARRAY_SIZE(row); i++)
		assert_int_equal(timer_row(row[i])->flags & (MF_CREATOR_ENDED | MF_RETURNED),
				 MF_CREATOR_ENDED | MF_RETURNED);
	for (u32 i = 1; i < ARRAY_SIZE(row); i++)
		timer_died(row[i]);
	assert_int_equal(site->returned, 0);
}

/* Ids and rows are used again and again: the table does not grow with age. */
static void test_age(void **s)
{
	u32 used;

	(void)s;
	timer_died(born(1));
	used = state->table[TABLE_timer].used;
	for (u64 i = 0; i < 20000; i++)
		timer_died(born(i));
	assert_int_equal(state->table[TABLE_timer].used, used);
	assert_int_equal(state->timers_live, 0);
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

/* What its thread does next: the first of it is kept, sendings are passed over, a receiving ends
 * it. */
static void test_then(void **s)
{
	struct timer_act sends = {THEN_SENDS, CALL_write, FDK_pipe, 7, 0};
	struct timer_act receives = {THEN_RECEIVES, CALL_read, FDK_pipe, 6, UINTPTR_MAX};
	u32 a = born(21), b;
	struct st_timer *m = timer_row(a);

	(void)s;
	timer_armed(thread_self, a, 100, 0);
	assert_int_equal(thread_self->armed.timer, a);
	assert_int_equal(thread_self->frame_watch, 0);
	timer_then(thread_self, &sends);
	assert_int_equal(m->flags & (MF_RECEIVED | MF_INSIDE), 0);
	timer_then(thread_self, &receives);
	assert_int_equal(m->then_call, CALL_write);
	assert_int_equal(m->then_addr, 7);
	assert_int_equal(m->flags & (MF_RECEIVED | MF_INSIDE), MF_RECEIVED);
	assert_int_equal(thread_self->armed.timer, 0);
	b = born(22);
	timer_armed(thread_self, b, 100, 100); /* periodic: none of it */
	assert_int_equal(thread_self->armed.timer, 0);
	timer_armed(thread_self, b, 100, 0); /* and not when armed again */
	assert_int_equal(thread_self->armed.timer, 0);
	timer_died(a);
	timer_died(b);
}

static void test_with(void **s)
{
	u32 a = born(31);
	struct st_timer *m = timer_row(a);

	(void)s;
	m->epoll = 5 + 1;
	timers_with(6, 9, FDK_pipe);
	assert_int_equal(m->flags & MF_WITH_WORK, 0);
	timers_with(5, 9, FDK_pipe);
	timer_with(a, 11, FDK_socket); /* the first stays */
	assert_int_equal(m->flags & MF_WITH_WORK, MF_WITH_WORK);
	assert_int_equal(m->with, 10);
	assert_int_equal(m->with_kind, FDK_pipe);
	timer_died(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),  cmocka_unit_test(test_reuse),
	    cmocka_unit_test(test_armed), cmocka_unit_test(test_then),
	    cmocka_unit_test(test_with),  cmocka_unit_test(test_returned),
	    cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, up, NULL);
}
