/* SPDX-License-Identifier: MIT */
/*
 * Finding an observed process's files from outside: see observed.h. The process is not touched.
 * Reporter only.
 */
#include "observed.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "state.h"

#define SUFFIX ".state"

static int try_state(const char *path, char *out, size_t size)
{
	struct state_view v;
	int rc = state_open(&v, path);

	if (rc)
		return rc;
	state_close(&v);
	return snprintf(out, size, "%s", path) < (int)size ? 0 : -ENAMETOOLONG;
}

/* A mapped file can be opened by its mapping even when its name is gone (needs CAP_SYS_ADMIN or
 * CAP_CHECKPOINT_RESTORE). */
static int by_mapping(pid_t pid, const char *mapped, char *out, size_t size)
{
	char dir[64], link[PATH_MAX], target[PATH_MAX];
	struct dirent *e;
	int rc = -ENOENT;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/map_files", pid);
	d = opendir(dir);
	if (!d)
		return -errno;
	while (rc && (e = readdir(d))) {
		ssize_t n;

		snprintf(link, sizeof(link), "%s/%s", dir, e->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = 0;
		if (n > 0 && !strncmp(target, mapped, strlen(mapped)))
			rc = try_state(link, out, size);
	}
	closedir(d);
	return rc;
}

int observed_state(pid_t pid, char *path, size_t size, char *why, size_t why_size)
{
	char mapped[PATH_MAX], full[PATH_MAX + 64];
	int rc = proc_mapped(pid, SUFFIX, mapped, sizeof(mapped));

	if (rc) {
		snprintf(why, why_size, "process %d: %s", pid,
			 rc == -ESRCH	 ? "no such process"
			 : rc == -ENOENT ? "not observed (libpitfall.so keeps no state in it)"
					 : "not permitted to look at it");
		return rc;
	}
	snprintf(full, sizeof(full), "/proc/%d/root%s", pid, mapped);
	rc = try_state(full, path, size);
	if (rc)
		rc = try_state(mapped, path, size);
	if (rc)
		rc = by_mapping(pid, mapped, path, size);
	if (rc)
		snprintf(why, why_size, "process %d: its state %s cannot be read: %s", pid, mapped,
			 rc == -EPROTO	  ? "written by another version of pitfall"
			 : rc == -EBADMSG ? "damaged"
					  : strerror(-rc));
	return rc;
}

void observed_jsonl(char *path)
{
	size_t n = strlen(path), m = strlen(SUFFIX);

	if (n > m && !strcmp(path + n - m, SUFFIX))
		memcpy(path + n - m, ".jsonl", sizeof(".jsonl"));
}
