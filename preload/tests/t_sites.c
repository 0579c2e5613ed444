/* SPDX-License-Identifier: MIT */
/*
 * Birth sites: counts from many threads, and what is growth: ramps that go on, against saws,
 * plateaus, and one that is only high.
 */
#include "tests/core.h"

#include "state/sites.h"

#define SECOND 1000000000ull
static u32 next_stack = 1000;
static u64 now;

static int fresh(void **s)
{
	(void)s;
	config.growth_window = 10;
	next_stack++;
	now = 1000 * SECOND;
	return 0;
}

/* `live[i]`: least alive in window i; a few more come and go in it. */
static struct st_site *windows(const int *live, int n)
{
	u32 site = 0;
	int alive = 0;

	for (int w = 0; w < n; w++) {
		for (int tick = 0; tick < 10; tick++, now += SECOND) {
			while (alive < live[w] + 2)
				site = site_born(SITE_fd, 1, next_stack, 1, now), alive++;
			while (alive > live[w])
				site_died(site, now), alive--;
		}
	}
	return site_get(site);
}
#define WINDOWS(...) windows((int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))

static void test_ramp_is_growth(void **s)
{
	(void)s;
	assert_true(WINDOWS(1, 5, 9, 13, 17, 21, 25, 29, 33, 37)->flags & XF_GROWING);
}

static void test_near_misses(void **s)
{
	(void)s;
	assert_false(WINDOWS(1, 5, 9, 13, 17, 21, 21, 21, 21, 21)->flags &
		     XF_GROWING); /* levels off */
	next_stack++;
	assert_false(WINDOWS(1, 8, 15, 22, 29, 2, 8, 15, 22, 29, 2, 8)->flags &
		     XF_GROWING); /* a saw */
	next_stack++;
	assert_false(WINDOWS(90, 90, 90, 90, 90, 90, 90, 90, 90, 90)->flags &
		     XF_GROWING); /* high */
	next_stack++;
	assert_false(WINDOWS(3, 4, 5, 6, 7)->flags & XF_GROWING); /* too short to tell */
}

/* Every day's rise is longer than six windows, and none is higher than the day before's. */
static void test_daily_cycle(void **s)
{
	static const int day[] = {1, 4, 9, 16, 25, 36, 49, 64, 75, 80, 70, 60, 50, 40, 30, 20, 10};
	enum { N = ARRAY_SIZE(day) };
	int live[4 * N];

	(void)s;
	for (int i = 0; i < 4 * N; i++)
		live[i] = day[i % N];
	for (int n = N; n <= 4 * N; n++) { /* whenever one looks, from the first evening on */
		next_stack++;
		assert_false(windows(live, n)->flags & XF_GROWING);
	}
	/* a higher day is one high window or two, not six */
	for (int i = 0; i < N; i++)
		live[N + i] += 5;
	next_stack++;
	assert_false(windows(live, N + 10)->flags & XF_GROWING);
}

/* A peak of long ago does not hide a leak for ever. */
static void test_old_peak_is_forgotten(void **s)
{
	int live[320];

	(void)s;
	for (int i = 0; i < 320; i++)
		live[i] = i == 5 ? 5000 : 1 + i / 2;
	assert_false(windows(live, 100)->flags & XF_GROWING);
	for (int i = 0; i < 320; i++)
		live[i] = i == 5 ? 5000 : 1 + i;
	next_stack++;
	assert_true(windows(live, 320)->flags & XF_GROWING);
}

/* Nothing comes for a long time: that was one long window. */
static void test_slow_leak(void **s)
{
	u32 site = 0;

	(void)s;
	for (int i = 0; i < 9; i++, now += 35 * SECOND)
		site = site_born(SITE_fd, 1, next_stack, 1, now);
	assert_true(site_get(site)->flags & XF_GROWING);
	assert_int_equal(site_get(site)->window - site_get(site)->rise_began, 6 * 35 * SECOND);
}

/* What goes after the window's end belongs to the next one. */
static void test_death_opens_the_next_window(void **s)
{
	u32 site = 0;

	(void)s;
	for (int i = 0; i < 10; i++)
		site = site_born(SITE_fd, 1, next_stack, 1, now);
	now += 11 * SECOND;
	for (int i = 0; i < 10; i++)
		site_died(site, now);
	assert_int_equal(site_get(site)->high, 1); /* the start-up began with one */
	assert_int_equal(site_get(site)->window_min, 0);
	for (int i = 0; i < 4; i++)
		site_born(SITE_fd, 1, next_stack, 1, now);
	now += 11 * SECOND;
	site_died(site, now);
	assert_int_equal(site_get(site)->high, 1);
	assert_int_equal(site_get(site)->window_min, 3);
}

/* One that stops growing is forgiven. */
static void test_growth_ends(void **s)
{
	struct st_site *x;

	(void)s;
	x = WINDOWS(1, 5, 9, 13, 17, 21, 25, 29, 33, 33, 33, 33);
	assert_false(x->flags & XF_GROWING);
}

static void counts(int nth)
{
	for (int i = 0; i < 20000; i++) {
		u32 x = site_born(SITE_thread, 0, 1 + (u32)i % 3, (u32)nth + 1, now);

		CHECK(x);
		if (i % 4)
			site_died(x, now);
		else if (i % 8)
			site_undo(x);
	}
}

static void test_counts_of_many_threads(void **s)
{
	u32 made = 0, gone = 0, rows = 0;

	(void)s;
	crew_run(4, counts);
	for (u32 i = 1; i < state->table[TABLE_site].used; i++) {
		struct st_site *x = site_get(i);

		if (x->kind != SITE_thread || x->stack < 1 || x->stack > 3)
			continue;
		rows++;
		made += x->made;
		gone += x->gone;
		assert_true(x->flags & XF_MANY_THREADS);
	}
	assert_int_equal(rows, 3);
	assert_int_equal(gone, 4 * 15000);
	assert_int_equal(made, 4 * (15000 + 2500));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_ramp_is_growth, fresh),
	    cmocka_unit_test_setup(test_near_misses, fresh),
	    cmocka_unit_test_setup(test_growth_ends, fresh),
	    cmocka_unit_test_setup(test_daily_cycle, fresh),
	    cmocka_unit_test_setup(test_old_peak_is_forgotten, fresh),
	    cmocka_unit_test_setup(test_slow_leak, fresh),
	    cmocka_unit_test_setup(test_death_opens_the_next_window, fresh),
	    cmocka_unit_test_setup(test_counts_of_many_threads, fresh),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
