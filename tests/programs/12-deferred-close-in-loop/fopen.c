/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop warning */
/* Streams opened one after another, each read once, all closed when the function returns. */
#include "files.h"

#define FILES 200

static long sum_streams(void)
{
	FILE *streams[FILES];
	char name[16], line[16];
	long sum = 0;

	for (int i = 0; i < FILES; i++) {
		streams[i] = fopen(file_name(name, i), "re");
		die_unless(streams[i] != NULL, name);
		die_unless(fgets(line, sizeof(line), streams[i]) != NULL, "fgets");
		sum += strtol(line, NULL, 10);
	}
	for (int i = FILES - 1; i >= 0; i--)
		fclose(streams[i]);
	return sum;
}

int main(void)
{
	limit_descriptors(1024);
	scratch_enter(FILES);
	long sum = sum_streams();
	scratch_leave();
	return sum != sum_below(FILES);
}
