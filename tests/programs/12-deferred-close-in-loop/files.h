/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this directory share: a scratch directory full of small numbered files, and
 * a limit on descriptors that doesn't depend on where they run. Only for programs of one .c or .cc.
 */
#ifndef FILES_H
#define FILES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char scratch_dir[128];
static int scratch_count;

static inline void die_unless(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

/* The soft RLIMIT_NOFILE from here on. */
static inline void limit_descriptors(rlim_t soft)
{
	struct rlimit limit;

	die_unless(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max >= soft, "getrlimit");
	limit.rlim_cur = soft;
	die_unless(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

static inline const char *file_name(char *name, int i)
{
	sprintf(name, "part-%03d", i % 1000);
	return name;
}

/* Makes a directory with count files "part-000"… of one line each and goes there. */
static inline void scratch_enter(int count)
{
	const char *tmp = getenv("TMPDIR");
	char name[16];

	snprintf(scratch_dir, sizeof(scratch_dir), "%s/files-XXXXXX", tmp ? tmp : "/tmp");
	die_unless(mkdtemp(scratch_dir) != NULL && chdir(scratch_dir) == 0, scratch_dir);
	for (int i = 0; i < count; i++) {
		int fd = open(file_name(name, i), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		die_unless(fd >= 0 && dprintf(fd, "%d\n", i) > 0, name);
		close(fd);
	}
	scratch_count = count;
}

static inline void scratch_leave(void)
{
	char name[16];

	for (int i = 0; i < scratch_count; i++)
		unlink(file_name(name, i));
	die_unless(chdir("/") == 0 && rmdir(scratch_dir) == 0, scratch_dir);
}

/* The number that stands in a file of scratch_enter(). */
static inline long read_number(int fd)
{
	char buf[16] = {0};

	die_unless(read(fd, buf, sizeof(buf) - 1) > 0, "read");
	return strtol(buf, NULL, 10);
}

/* 0 + 1 + … + (count - 1), which the contents of count files add up to. */
static inline long sum_below(long count)
{
	return count * (count - 1) / 2;
}

#endif
