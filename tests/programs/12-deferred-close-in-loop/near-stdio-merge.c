/* SPDX-License-Identifier: MIT */
/* expect: clean */
/*
 * A merge on stdio, whose reads happen in the library: every stream is read in turn by getc(), and
 * each is closed when it is empty, the longest last.
 */
#include "files.h"

#define STREAMS 90

static void write_lengths(void)
{
	char name[16];

	for (int i = 0; i < STREAMS; i++) {
		FILE *stream = fopen(file_name(name, i), "we");

		die_unless(stream != NULL, name);
		for (int k = 0; k <= (i * 37) % STREAMS; k++)
			putc('x', stream);
		die_unless(fclose(stream) == 0, name);
	}
}

static long drain_in_turn(void)
{
	FILE *streams[STREAMS];
	char name[16];
	int left = STREAMS;
	long count = 0;

	for (int i = 0; i < STREAMS; i++) {
		streams[i] = fopen(file_name(name, i), "re");
		die_unless(streams[i] != NULL, name);
	}
	while (left > 0) {
		for (int i = 0; i < STREAMS; i++) {
			if (streams[i] == NULL)
				continue;
			if (getc(streams[i]) == 'x') {
				count++;
				continue;
			}
			fclose(streams[i]);
			streams[i] = NULL;
			left--;
		}
	}
	return count;
}

int main(void)
{
	limit_descriptors(512);
	scratch_enter(STREAMS);
	write_lengths();
	long count = drain_in_turn();
	scratch_leave();
	return count != sum_below(STREAMS) + STREAMS;
}
