/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop error */
/* The loop runs in a C11 thread, opens through a helper, and meets EMFILE in fopen(). */
#include "files.h"
#include <errno.h>
#include <threads.h>

#define FILES 140

static FILE *open_part(int i)
{
	char name[16];

	return fopen(file_name(name, i), "re");
}

static int reader_main(void *arg)
{
	FILE *streams[FILES];
	char line[16];
	int count = 0, rc = 0;

	while (count < FILES) {
		streams[count] = open_part(count);
		if (streams[count] == NULL) {
			rc = errno;
			break;
		}
		*(long *)arg += fgets(line, sizeof(line), streams[count++]) != NULL;
	}
	while (count > 0)
		fclose(streams[--count]);
	return rc;
}

int main(void)
{
	long lines = 0;
	thrd_t reader;
	int rc = 0;

	limit_descriptors(100);
	scratch_enter(FILES);
	die_unless(thrd_create(&reader, reader_main, &lines) == thrd_success, "thrd_create");
	thrd_join(reader, &rc);
	scratch_leave();
	return rc != EMFILE || lines < 64;
}
