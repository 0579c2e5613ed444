/* SPDX-License-Identifier: MIT */
/* Small helps for the reporter's tests: temporary files, texts of a run, a state file made by hand.
 */
#ifndef UTIL_TEST_H
#define UTIL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "model.h"

static char test_dir[64];

static inline int test_dir_make(void **state)
{
	(void)state;
	strcpy(test_dir, "/tmp/pitfall-test-XXXXXX");
	return mkdtemp(test_dir) ? 0 : -1;
}

static inline int test_dir_drop(void **state)
{
	char cmd[96];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", test_dir);
	return system(cmd);
}

/* Writes SIZE bytes to NAME in the test's directory; returns the path (one of a few rotating
 * buffers). */
static inline const char *test_file(const char *name, const void *data, size_t size)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];
	FILE *to;

	snprintf(p, sizeof(path[0]), "%s/%s", test_dir, name);
	to = fopen(p, "we");
	assert_non_null(to);
	assert_int_equal(fwrite(data, 1, size, to), size);
	assert_int_equal(fclose(to), 0);
	return p;
}

static inline const char *test_text(const char *name, const char *text)
{
	return test_file(name, text, strlen(text));
}

/* An image of a state file: SIZE bytes, header filled, no tables. free() it. */
static inline struct st_header *test_state(size_t size)
{
	struct st_header *h = calloc(1, size);

	assert_non_null(h);
	h->magic = STATE_MAGIC;
	h->version = TRACE_VERSION;
	h->header_size = sizeof(*h);
	h->pid = 1;
	h->nofile = 1024;
	h->file_size = size;
	return h;
}

/* Gives TABLE of the image COUNT rows of SIZE, FIRST in chunk 0, from offset AT on. Returns where
 * the next may begin. */
static inline size_t test_table(struct st_header *h, enum trace_table table, u32 size, u32 first,
				u32 count, size_t at)
{
	struct st_table *t = &h->table[table];
	u32 have = 0;

	*t = (struct st_table){.size = size, .first = first, .used = count, .max = 1u << 20};
	for (int k = 0; k < TABLE_CHUNKS && have < count; k++) {
		t->chunk[k] = at;
		have += first << k;
		at += (size_t)(first << k) * size;
	}
	return at;
}

/* Address of row I in the image. */
static inline void *test_row(struct st_header *h, enum trace_table table, u32 i)
{
	struct st_table *t = &h->table[table];
	int k = 0;

	while (i >= t->first << k)
		i -= t->first << k++;
	return (char *)h + t->chunk[k] + (size_t)i * t->size;
}

#endif
