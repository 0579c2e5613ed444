/* SPDX-License-Identifier: MIT */
/*
 * The lines file: many threads at once, the end of its room, what is escaped, what does not fit.
 */
#include "tests/core.h"

#include <jansson.h>

enum { THREADS = 8, EACH = 10000, TOTAL = THREADS * EACH };

static void write_lines(int nth)
{
	for (int i = 0; i < EACH; i++) {
		struct line l;

		CHECK(line_begin(&l, "torture", (u32)nth + 1, 160 + (size_t)(i % 90)));
		line_int(&l, "i", (u64)i);
		if (i % 10 == 9)
			for (int k = 0; k < 40 && !l.overflow; k++)
				line_str(&l, "fill", "too long for its room");
		else
			line_str(&l, "s", "a \"quoted\" \\ line\nwith \x01 and \xff");
		line_end(&l);
	}
}

struct text {
	char *start;
	size_t n;
};
static struct text lines(int fd)
{
	struct text t = {.n = (size_t)lseek(fd, 0, SEEK_END)};

	t.start = mmap(NULL, t.n, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(t.start, MAP_FAILED);
	return t;
}

/* Each line is whole JSON, each of them is there, no order key comes twice. */
static void test_torture(void **s)
{
	static bool order[TOTAL * 2];
	static int seen[THREADS + 1];
	u64 dropped = state->lines_dropped, before = state->lines;
	struct text t;
	char *c, *end;

	(void)s;
	crew_run(THREADS, write_lines);
	assert_int_equal(state->lines_dropped - dropped, TOTAL / 10);
	assert_int_equal(state->lines - before, TOTAL - TOTAL / 10);
	t = lines(lines_fd);
	for (c = t.start; c < t.start + t.n; c = end + 1) {
		json_t *j;
		json_int_t n;
		int th;

		end = memchr(c, '\n', (size_t)(t.start + t.n - c));
		assert_non_null(end);
		if (end == c)
			continue;
		j = json_loadb(c, (size_t)(end - c), 0, NULL);
		assert_non_null(j);
		assert_string_equal(json_string_value(json_object_get(j, "ev")), "torture");
		assert_string_equal(json_string_value(json_object_get(j, "s")),
				    "a \"quoted\" \\ line\nwith \x01 and ?");
		n = json_integer_value(json_object_get(j, "n"));
		assert_in_range(n, 1, TOTAL * 2 - 1);
		assert_false(order[n]);
		order[n] = true;
		th = (int)json_integer_value(json_object_get(j, "th"));
		assert_in_range(th, 1, THREADS);
		seen[th]++;
		json_decref(j);
	}
	for (int i = 1; i <= THREADS; i++)
		assert_int_equal(seen[i], EACH - EACH / 10);
	munmap(t.start, t.n);
}

static void test_room_for_the_end(void **s)
{
	int fd = memfd_create("small", MFD_CLOEXEC);
	struct line l;
	unsigned small = 0;

	(void)s;
	assert_int_equal(sink_open(fd, 40 * 1024), 0);
	/* A line too large for the room that is left takes nothing from smaller ones. */
	assert_false(line_begin(&l, "big", 0, 39 * 1024));
	while (line_begin(&l, "x", 0, 100)) {
		line_end(&l);
		small++;
	}
	assert_in_range(small, 600,
			36 * 1024 / 36); /* what a line did not need is the next one's */
	assert_false(line_begin(&l, "x", 0, 100));
	sink_last_words();
	event_dropped("lines", 7, "no room");
	event_end(1, "exit", 3, 0);
	{
		struct text t = lines(fd);

		assert_true(t.n <= 40 * 1024);
		assert_non_null(memmem(t.start, t.n, "{\"ev\":\"dropped\"", 15));
		assert_non_null(memmem(t.start, t.n, "{\"ev\":\"end\"", 11));
		munmap(t.start, t.n);
	}
	assert_int_equal(sink_open(lines_fd, 1 << 20), 0);
}

/* What is in memory moves into the file, and goes on there. */
static void test_attach(void **s)
{
	int fd = memfd_create("later", MFD_CLOEXEC);
	struct line l;
	struct text t;

	(void)s;
	assert_int_equal(sink_open(-1, 1 << 20), 0);
	assert_true(line_begin(&l, "early", 0, 100));
	line_end(&l);
	assert_int_equal(sink_attach(fd), 0);
	assert_true(line_begin(&l, "later", 0, 100));
	t = lines(fd);
	assert_non_null(memmem(t.start, t.n, "{\"ev\":\"early\"", 13));
	assert_null(memmem(t.start, t.n, "{\"ev\":\"later\"", 13)); /* not before it is whole */
	munmap(t.start, t.n);
	line_end(&l);
	t = lines(fd);
	assert_non_null(memmem(t.start, t.n, "{\"ev\":\"later\"", 13));
	munmap(t.start, t.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_torture),
	    cmocka_unit_test(test_room_for_the_end),
	    cmocka_unit_test(test_attach),
	};

	return cmocka_run_group_tests(tests, core_up, NULL);
}
