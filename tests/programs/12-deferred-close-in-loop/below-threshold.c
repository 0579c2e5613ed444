/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop note */
/* The same mistake, far from any limit: 60 at once, of 1024. */
#include "files.h"

#define FILES 60

static long sum_few(void)
{
	int fds[FILES];
	char name[16];
	long sum = 0;

	for (int i = 0; i < FILES; i++) {
		fds[i] = open(file_name(name, i), O_RDONLY | O_CLOEXEC);
		die_unless(fds[i] >= 0, name);
		sum += read_number(fds[i]);
	}
	for (int i = 0; i < FILES; i++)
		close(fds[i]);
	return sum;
}

int main(void)
{
	limit_descriptors(1024);
	scratch_enter(FILES);
	long sum = sum_few();
	scratch_leave();
	return sum != sum_below(FILES);
}
