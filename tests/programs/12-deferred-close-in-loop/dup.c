/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop warning */
/* What the loop keeps are copies made by dup(); the originals are closed at once. */
#include "files.h"

#define FILES 150

static long sum_copies(void)
{
	int kept[FILES];
	char name[16];
	long sum = 0;

	for (int i = 0; i < FILES; i++) {
		int fd = open(file_name(name, i), O_RDONLY | O_CLOEXEC);

		die_unless(fd >= 0, name);
		kept[i] = dup(fd);
		die_unless(kept[i] >= 0, "dup");
		close(fd);
		sum += read_number(kept[i]);
	}
	for (int i = 0; i < FILES; i++)
		close(kept[i]);
	return sum;
}

int main(void)
{
	limit_descriptors(1024);
	scratch_enter(FILES);
	long sum = sum_copies();
	scratch_leave();
	return sum != sum_below(FILES);
}
