/* SPDX-License-Identifier: MIT */
/* The state reader: rows found across chunks, bounds kept whatever the file says, random mutations
 * survived. */
#include <errno.h>
#include "util_test.h"
#include "report.h"
#include "state.h"

#define THREADS 13u /* chunks of 2, 4, 8 */

static size_t image_size(void)
{
	return sizeof(struct st_header) + 14 * sizeof(struct st_thread) +
	       4 * sizeof(struct st_live) + 4 * sizeof(struct st_stack) +
	       16 * sizeof(struct st_frame) + 8 * sizeof(struct st_fd) +
	       4 * sizeof(struct st_site) + 4 * sizeof(struct st_timer) +
	       4 * sizeof(struct st_hold_io) + 4 * sizeof(struct st_sync);
}

/* An image with something for each rule to chew on. */
static struct st_header *image(void)
{
	struct st_header *h = test_state(image_size());
	size_t at = sizeof(*h);

	at = test_table(h, TABLE_thread, sizeof(struct st_thread), 2, THREADS, at);
	at = test_table(h, TABLE_live, sizeof(struct st_live), 4, 4, at);
	at = test_table(h, TABLE_stack, sizeof(struct st_stack), 4, 4, at);
	at = test_table(h, TABLE_frame, sizeof(struct st_frame), 16, 16, at);
	at = test_table(h, TABLE_fd, sizeof(struct st_fd), 8, 8, at);
	at = test_table(h, TABLE_site, sizeof(struct st_site), 4, 2, at);
	at = test_table(h, TABLE_timer, sizeof(struct st_timer), 4, 4, at);
	at = test_table(h, TABLE_hold_io, sizeof(struct st_hold_io), 4, 2, at);
	at = test_table(h, TABLE_sync, sizeof(struct st_sync), 4, 2, at);
	assert_true(at <= image_size());
	for (u32 i = 0; i < THREADS; i++)
		*(struct st_thread *)test_row(h, TABLE_thread, i) = (struct st_thread){
		    .serial = i + 1, .tid = 100 + i, .stack = 1, .flags = TF_ENDED, .ended = 5};
	for (u32 i = 0; i < 4; i++) {
		*(struct st_live *)test_row(h, TABLE_live, i) = (struct st_live){
		    .thread = i + 1, .wait_call = CALL_recv, .nheld = 2, .alive = 1ull << 40};
		*(struct st_stack *)test_row(h, TABLE_stack, i) =
		    (struct st_stack){.id = i + 1, .depth = 4, .frames = i * 4};
		*(struct st_timer *)test_row(h, TABLE_timer, i) =
		    (struct st_timer){.serial = i + 1,
				      .kind = TIMER_timerfd,
				      .flags = MF_ARMED | MF_RETURNED | MF_PERIODIC,
				      .interval = 1000,
				      .value = 1000,
				      .armed = 1,
				      .stack = 2};
	}
	for (u32 i = 0; i < 16; i++)
		((struct st_frame *)test_row(h, TABLE_frame, i))->pc = 0x1000 + i;
	for (u32 i = 0; i < 8; i++)
		*(struct st_fd *)test_row(h, TABLE_fd, i) = (struct st_fd){
		    .gen = 1, .open = 1, .num = (i32)i, .kind = FDK_file, .stack = 3, .site = 1};
	*(struct st_site *)test_row(h, TABLE_site, 0) = (struct st_site){.serial = 1,
									 .kind = SITE_fd,
									 .stack = 3,
									 .made = 900,
									 .peak = 900,
									 .batch = 900,
									 .flags = XF_GROWING};
	*(struct st_hold_io *)test_row(h, TABLE_hold_io, 0) =
	    (struct st_hold_io){.obj = 1,
				.mode = HELD_MUTEX,
				.call = CALL_recv,
				.count = 1,
				.ns = 5,
				.wait_ns = 1u << 30};
	*(struct st_sync *)test_row(h, TABLE_sync, 0) =
	    (struct st_sync){.serial = 1, .kind = SYNC_mutex, .addr = 64};
	return h;
}

static void rows_are_found_in_all_chunks(void **state)
{
	struct st_header *h = image();
	struct state_view v;
	struct st_thread t, *all;
	u32 n;

	(void)state;
	assert_int_equal(state_open(&v, test_file("good.state", h, image_size())), 0);
	assert_int_equal(state_rows(&v, TABLE_thread), THREADS);
	for (u32 i = 0; i < THREADS; i++) {
		assert_int_equal(state_row(&v, TABLE_thread, i, &t), 0);
		assert_int_equal(t.serial, i + 1);
	}
	assert_int_equal(state_row(&v, TABLE_thread, THREADS, &t), -ENOENT);
	assert_int_equal(state_row(&v, TABLE_thread, UINT32_MAX, &t), -ENOENT);
	assert_int_equal(state_table(&v, TABLE_thread, (void **)&all, &n), 0);
	assert_int_equal(n, THREADS);
	assert_int_equal(all[12].serial, 13);
	free(all);
	state_close(&v);
	free(h);
}

static void what_is_no_state_file_is_refused(void **state)
{
	struct st_header *h = image();
	struct state_view v;

	(void)state;
	assert_int_equal(state_open(&v, test_file("empty.state", "", 0)), -EBADMSG);
	assert_int_equal(state_open(&v, test_file("short.state", h, sizeof(*h) - 1)), -EBADMSG);
	assert_int_equal(state_open(&v, "/nonexistent.state"), -ENOENT);
	assert_int_equal(state_open(&v, "/dev/null"), -EBADMSG);
	assert_int_equal(state_open(&v, "/tmp"), -EBADMSG);
	h->version = TRACE_VERSION + 1;
	assert_int_equal(state_open(&v, test_file("newer.state", h, image_size())), -EPROTO);
	h->magic++;
	assert_int_equal(state_open(&v, test_file("magic.state", h, image_size())), -EBADMSG);
	free(h);
}

/* Opens an image with one lie in table thread and gives the rows believed. */
static u32 rows_of(struct st_header *h)
{
	const char *path = test_file("lie.state", h, image_size());
	struct state_view v;
	struct st_thread *all;
	u32 n, rows;

	assert_int_equal(state_open(&v, path), 0);
	rows = state_rows(&v, TABLE_thread);
	assert_int_equal(state_table(&v, TABLE_thread, (void **)&all, &n), 0);
	assert_int_equal(n, rows);
	free(all);
	state_close(&v);
	return rows;
}

static void a_hole_has_free_rows(void **state)
{
	struct st_header *h = image();
	struct state_view v;
	struct st_thread t, *all;
	u32 n;

	(void)state;
	h->table[TABLE_thread].chunk[1] = 0;
	assert_int_equal(state_open(&v, test_file("hole.state", h, image_size())), 0);
	assert_int_equal(state_row(&v, TABLE_thread, 1, &t), 0);
	assert_int_equal(t.serial, 2);
	assert_int_equal(state_row(&v, TABLE_thread, 2, &t), 0);
	assert_int_equal(t.serial, 0);
	assert_int_equal(state_row(&v, TABLE_thread, 6, &t), 0);
	assert_int_equal(t.serial, 7);
	assert_int_equal(state_table(&v, TABLE_thread, (void **)&all, &n), 0);
	assert_int_equal(n, THREADS);
	assert_int_equal(all[5].serial, 0);
	assert_int_equal(all[12].serial, 13);
	free(all);
	state_close(&v);
	free(h);
}

static void lies_about_tables_are_not_believed(void **state)
{
	struct st_header *h = image();
	struct st_table *t = &h->table[TABLE_thread], honest = *t;

	(void)state;
	t->size = 8;
	assert_int_equal(rows_of(h), 0);
	*t = honest, t->first = 0;
	assert_int_equal(rows_of(h), 0);
	*t = honest, t->first = 3;
	assert_int_equal(rows_of(h), 0);
	*t = honest, t->chunk[1] = UINT64_MAX;
	assert_int_equal(rows_of(h), 2);
	*t = honest, t->chunk[0] = 8; /* inside the header */
	assert_int_equal(rows_of(h), 0);
	*t = honest, t->used = UINT32_MAX;
	assert_int_equal(rows_of(h), 14); /* chunks 0 to 2; the next is not there */
	*t = honest, t->first = 1u << 31, t->used = UINT32_MAX;
	assert_true(rows_of(h) <= image_size() / sizeof(struct st_thread));
	*t = honest, t->chunk[2] = image_size() - sizeof(struct st_thread) - 1;
	assert_int_equal(rows_of(h), 7); /* one row of the third chunk fits */
	free(h);
}

static void torn_rows_are_cleaned(void **state)
{
	struct st_live live;
	struct st_thread t;
	struct st_sync y;

	(void)state;
	memset(&live, 0xff, sizeof(live));
	row_clean(TABLE_live, &live);
	assert_true(live.wait_call < CALL_MAX);
	for (int i = 0; i < HELD_MAX; i++)
		assert_true(live.held[i].mode <= HELD_ONCE);
	memset(&t, 0x1b, sizeof(t));
	row_clean(TABLE_thread, &t);
	assert_int_equal(strlen(t.name), sizeof(t.name) - 1);
	assert_null(strchr(t.name, 0x1b));
	memset(&y, 0xff, sizeof(y));
	row_clean(TABLE_sync, &y);
	assert_true(y.kind < SYNC_KINDS);
}

static u64 random_next(u64 *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Any mutation gives a report or a refusal: never a crash, an endless loop, or an overrun (under
 * ASan). */
static void random_mutations_are_survived(void **state)
{
	static const u64 nasty[] = {
	    0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, UINT64_MAX};
	struct st_header *good = image(), *bad = malloc(image_size());
	u64 seed = 0x9e3779b97f4a7c15ull;
	unsigned reports = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		struct diag_out quiet = {0};
		struct report_options o = {.out = &quiet};
		struct report *r;
		char *path;

		memcpy(bad, good, image_size());
		for (u64 n = random_next(&seed) % 12 + 1; n; n--) {
			/* half of the hits in the header, where it hurts */
			size_t span = random_next(&seed) & 1 ? sizeof(*good) : image_size();
			size_t at = random_next(&seed) % (span - 8);
			u64 value = random_next(&seed) & 1 ? nasty[random_next(&seed) % 7]
							   : random_next(&seed);

			memcpy((char *)bad + at, &value, random_next(&seed) & 1 ? 4 : 8);
		}
		path =
		    (char *)test_file("mutant.state", bad, image_size() - random_next(&seed) % 64);
		if (report_build(&r, &path, 1, &o) == 0) {
			reports++;
			report_free(r);
		} else {
			refused++;
			assert_true(quiet.said > 0);
		}
	}
	assert_true(reports > 100 && refused > 10); /* both ways were taken */
	free(good);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_found_in_all_chunks),
	    cmocka_unit_test(a_hole_has_free_rows),
	    cmocka_unit_test(what_is_no_state_file_is_refused),
	    cmocka_unit_test(lies_about_tables_are_not_believed),
	    cmocka_unit_test(torn_rows_are_cleaned),
	    cmocka_unit_test(random_mutations_are_survived),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
