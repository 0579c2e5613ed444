/* SPDX-License-Identifier: MIT */
/*
 * state_rows FILE.state [TABLE]: the rows in use of a state file, one JSON object a line:
 * {"ev":"fd","num":3,…}. For tests: straight from the schema, with nothing of the reporter in
 * between. Table "header" is the header's plain numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_schema.h"

static char *file;
static long size;

static void *row(const struct st_header *h, int table, u32 i)
{
	const struct st_table *t = &h->table[table];
	u32 base = 0, n = t->first;
	unsigned k = 0;

	for (; i >= base + n && k + 1 < TABLE_CHUNKS; k++, n *= 2)
		base += n;
	if (!t->chunk[k] || t->chunk[k] + (u64)t->size * (i - base + 1) > (u64)size)
		return NULL;
	return file + t->chunk[k] + (u64)t->size * (i - base);
}

#define TEXT(v) _Generic((v), char * : (const char *)(uintptr_t)(v), default : NULL)
static void put(const char *key, const char *text, long long v)
{
	if (!text) {
		printf(",\"%s\":%lld", key, v);
		return;
	}
	printf(",\"%s\":\"", key);
	for (int i = 0; i < 48 && text[i]; i++)
		if (text[i] >= ' ' && text[i] != '"' && text[i] != '\\' && text[i] != 127)
			putchar(text[i]);
	putchar('"');
}

#define FIELD(type, field, doc) put(#field, TEXT(r->field), (long long)(uintptr_t)r->field);
#define TABLE(name, doc)                                                                           \
	if (!only || !strcmp(only, #name))                                                         \
		for (u32 i = 0; i < h->table[TABLE_##name].used; i++) {                            \
			struct st_##name *r = row(h, TABLE_##name, i);                             \
			static const struct st_##name none;                                        \
                                                                                                   \
			if (!r || !memcmp(r, &none, 4) || (TABLE_##name != TABLE_fd && !i))        \
				continue;                                                          \
			printf("{\"ev\":\"" #name "\",\"row\":%u", i);                             \
			RECORD_##name(FIELD) puts("}");                                            \
		}

int main(int argc, char **argv)
{
	const char *only = argc > 2 ? argv[2] : NULL;
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
	const struct st_header *h;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < (long)sizeof(*h) ||
	    !(file = malloc((size_t)size))) {
		fprintf(stderr, "usage: state_rows FILE.state [TABLE]\n");
		return 2;
	}
	rewind(f);
	size = (long)fread(file, 1, (size_t)size, f);
	fclose(f);
	h = (const void *)file;
	if (h->magic != STATE_MAGIC || h->version != TRACE_VERSION) {
		fprintf(stderr, "%s: not a state file of version %d\n", argv[1], TRACE_VERSION);
		return 1;
	}
	if (only && !strcmp(only, "header"))
		printf("{\"ev\":\"header\",\"pid\":%u,\"phase\":%u,\"nofile\":%u,\"sigpending\":%u,"
		       "\"fds_open\":%u,\"fds_peak\":%u,"
		       "\"threads_live\":%u,\"threads_made\":%u,\"timers_live\":%u,\"timers_peak\":"
		       "%u,\"flags_raised\":%u}\n",
		       h->pid, h->phase, h->nofile, h->sigpending, h->fds_open, h->fds_peak,
		       h->threads_live, h->threads_made, h->timers_live, h->timers_peak,
		       h->flags_raised);
	TRACE_RECORDS(TABLE)
	return 0;
}
