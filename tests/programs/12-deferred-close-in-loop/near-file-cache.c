/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A cache of open files: opened on demand, used again long after others were opened. */
#include "files.h"

#define FILES	 120
#define REQUESTS 2000

static int cache[FILES];

static long cached_number(int i)
{
	char name[16], buf[16] = {0};

	if (cache[i] < 0) {
		cache[i] = open(file_name(name, i), O_RDONLY | O_CLOEXEC);
		die_unless(cache[i] >= 0, name);
	}
	die_unless(pread(cache[i], buf, sizeof(buf) - 1, 0) > 0, "pread");
	return strtol(buf, NULL, 10);
}

int main(void)
{
	int wrong = 0;

	limit_descriptors(1024);
	scratch_enter(FILES);
	for (int i = 0; i < FILES; i++)
		cache[i] = -1;
	for (unsigned int i = 0; i < REQUESTS; i++) {
		int file = (int)(i * i * 7919u % FILES), other = (int)(i % FILES);

		wrong += cached_number(file) != file;
		wrong += cached_number(other) != other;
	}
	for (int i = 0; i < FILES; i++)
		close(cache[i]);
	scratch_leave();
	return wrong != 0;
}
