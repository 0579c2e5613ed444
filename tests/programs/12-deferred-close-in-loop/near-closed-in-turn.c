/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Each file is closed before the next is opened; two ways in, one loop. */
#include "files.h"

#define FILES 300

static long sum_in_turn(void)
{
	char name[16], line[16];
	long sum = 0;

	for (int i = 0; i < FILES; i++) {
		if (i % 2 == 0) {
			int fd = open(file_name(name, i), O_RDONLY | O_CLOEXEC);

			die_unless(fd >= 0, name);
			sum += read_number(fd);
			close(fd);
		} else {
			FILE *stream = fopen(file_name(name, i), "re");

			die_unless(stream && fgets(line, sizeof(line), stream) != NULL, name);
			sum += strtol(line, NULL, 10);
			fclose(stream);
		}
	}
	return sum;
}

int main(void)
{
	limit_descriptors(128);
	scratch_enter(FILES);
	long sum = sum_in_turn();
	scratch_leave();
	return sum != sum_below(FILES);
}
