/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop error */
/*
 * The loop fails first: EMFILE in the middle, and the function returns without closing what it had
 * opened. The process ends with all of them open.
 */
#include "files.h"
#include <errno.h>

#define FILES 140

static int opened[FILES];

static int sum_until_full(long *sum)
{
	char name[16];

	for (int i = 0; i < FILES; i++) {
		opened[i] = open(file_name(name, i), O_RDONLY | O_CLOEXEC);
		if (opened[i] < 0)
			return -errno;
		*sum += read_number(opened[i]);
	}
	return 0;
}

int main(void)
{
	long sum = 0;

	limit_descriptors(128);
	scratch_enter(FILES);
	int rc = sum_until_full(&sum);
	scratch_leave();
	return rc != -EMFILE || sum == 0;
}
