/* SPDX-License-Identifier: MIT */
/*
 * Reading /proc: see proc.h. Nothing here touches the process itself. Reporter only, not
 * signal-safe.
 */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *proc_open(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return fopen(path, "re");
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

int proc_mapped(pid_t pid, const char *suffix, char *path, size_t size)
{
	FILE *f = proc_open(pid, "maps");
	char *line = NULL;
	size_t room = 0;
	int rc = -ENOENT;

	if (!f)
		return errno == ENOENT ? -ESRCH : -errno;
	while (rc == -ENOENT && getline(&line, &room, f) > 0) {
		char *p = strchr(line, '/');

		if (!p)
			continue;
		p[strcspn(p, "\n")] = 0;
		if (ends_with(p, " (deleted)"))
			p[strlen(p) - strlen(" (deleted)")] = 0;
		if (!ends_with(p, suffix))
			continue;
		snprintf(path, size, "%s", p);
		rc = 0;
	}
	if (rc && ferror(f))
		rc = -EACCES;
	free(line);
	fclose(f);
	return rc;
}

/* The fields of a stat file from the state letter on: comm may hold spaces and parentheses. */
static bool stat_tail(pid_t pid, pid_t tid, char *buf, size_t size)
{
	char file[48];
	FILE *f;
	char *p;
	size_t n;

	snprintf(file, sizeof(file), tid ? "task/%d/stat" : "stat", tid);
	f = proc_open(pid, file);
	if (!f)
		return false;
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = 0;
	p = strrchr(buf, ')');
	if (!p || !p[1])
		return false;
	memmove(buf, p + 2, strlen(p + 2) + 1);
	return true;
}

char proc_state(pid_t pid, pid_t tid)
{
	char buf[1024];

	return stat_tail(pid, tid, buf, sizeof(buf)) ? buf[0] : 0;
}

unsigned long long proc_start(pid_t pid)
{
	char buf[1024], *p = buf;

	if (!stat_tail(pid, 0, buf, sizeof(buf)))
		return 0;
	for (int field = 3; p && field < 22;
	     field++) { /* proc(5): starttime is field 22, state 3 */
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

/* Calls that sleep; on_fd: the first argument is the descriptor. */
#define SLEEPING_CALLS(C)                                                                          \
	C(futex, 0)                                                                                \
	C(read, 1)                                                                                 \
	C(write, 1)                                                                                \
	C(readv, 1)                                                                                \
	C(writev, 1)                                                                               \
	C(pread64, 1)                                                                              \
	C(pwrite64, 1)                                                                             \
	C(recvfrom, 1)                                                                             \
	C(sendto, 1)                                                                               \
	C(recvmsg, 1)                                                                              \
	C(sendmsg, 1)                                                                              \
	C(accept, 1)                                                                               \
	C(accept4, 1)                                                                              \
	C(connect, 1)                                                                              \
	C(epoll_pwait, 1)                                                                          \
	C(ppoll, 0)                                                                                \
	C(pselect6, 0)                                                                             \
	C(nanosleep, 0)                                                                            \
	C(clock_nanosleep, 0)                                                                      \
	C(wait4, 0)                                                                                \
	C(waitid, 0)                                                                               \
	C(rt_sigtimedwait, 0)                                                                      \
	C(rt_sigsuspend, 0)                                                                        \
	C(fsync, 1)                                                                                \
	C(fdatasync, 1)                                                                            \
	C(flock, 1)                                                                                \
	C(fcntl, 1)                                                                                \
	C(ioctl, 1)                                                                                \
	C(io_getevents, 0)                                                                         \
	C(io_uring_enter, 1)                                                                       \
	C(msgrcv, 0)                                                                               \
	C(msgsnd, 0)                                                                               \
	C(semtimedop, 0)

int proc_syscall(pid_t pid, pid_t tid, const char **name, int *fd)
{
	static const struct {
		long nr;
		const char *name;
		bool on_fd;
	} calls[] = {
#define C(call, on_fd) {SYS_##call, #call, on_fd},
	    SLEEPING_CALLS(C)
#ifdef SYS_poll /* the old calls that newer architectures do not have */
		C(poll, 0) C(select, 0) C(epoll_wait, 1) C(pause, 0)
#endif
#undef C
	};
	char file[48], line[256];
	unsigned long first;
	long nr;
	int rc;

	snprintf(file, sizeof(file), "task/%d/syscall", tid);
	rc = proc_line(pid, file, line, sizeof(line));
	if (rc)
		return rc;
	if (sscanf(line, "%ld %lx", &nr, &first) != 2)
		return -ENOENT; /* "running" */
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (calls[i].nr != nr)
			continue;
		*name = calls[i].name;
		*fd = calls[i].on_fd ? (int)first : -1;
		return 0;
	}
	return -ENOENT;
}

int proc_fd(pid_t pid, int fd, char *out, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	n = readlink(path, out, size - 1);
	if (n < 0)
		return -errno;
	out[n] = 0;
	return 0;
}

int proc_count(pid_t pid, const char *dir)
{
	char path[64];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, dir);
	d = opendir(path);
	if (!d)
		return -errno;
	while ((e = readdir(d)))
		n += isdigit((unsigned char)e->d_name[0]) != 0;
	closedir(d);
	return n;
}

int proc_line(pid_t pid, const char *file, char *out, size_t size)
{
	FILE *f = proc_open(pid, file);
	int rc;

	if (!f)
		return -errno;
	rc = fgets(out, (int)size, f) ? 0 : -EIO;
	if (!rc)
		out[strcspn(out, "\n")] = 0;
	fclose(f);
	return rc;
}

long proc_status(pid_t pid, const char *key)
{
	FILE *f = proc_open(pid, "status");
	char line[256];
	long v = -ENOENT;

	if (!f)
		return -errno;
	while (v == -ENOENT && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			v = strtol(line + strlen(key), NULL, 10);
	fclose(f);
	return v;
}

bool proc_mentions(pid_t pid, const char *file, const char *text)
{
	FILE *f = proc_open(pid, file);
	size_t n = strlen(text), have = 0, got;
	char buf[8192];
	bool found = false;

	if (!f)
		return false;
	while (!found && (got = fread(buf + have, 1, sizeof(buf) - have, f)) > 0) {
		have += got;
		found = memmem(buf, have, text, n) != NULL;
		if (have >= n) { /* what a hit across the border needs */
			memmove(buf, buf + have - (n - 1), n - 1);
			have = n - 1;
		}
	}
	fclose(f);
	return found;
}

pid_t proc_parse_pid(const char *text)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return 0;
	n = strtol(text, &end, 10);
	return *end || n <= 0 || n > INT_MAX ? 0 : (pid_t)n;
}
