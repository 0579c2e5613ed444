/* SPDX-License-Identifier: MIT */
/* Owns: reading /proc of this process. See proc.h. Keeps no descriptor open. */
#include "state/proc.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "state/fds.h"

struct entry { /* linux_dirent64 */
	u64 ino;
	int64_t off;
	u16 len;
	u8 type;
	char name[];
};

void proc_exe(char *buf, size_t len)
{
	long n = sys_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buf, len - 1);

	buf[n > 0 ? n : 0] = 0;
	if (n <= 0 && getauxval(AT_EXECFN)) /* no /proc here: the name it was started by */
		strncat(buf, (const char *)getauxval(AT_EXECFN), len - 1);
}

void proc_comm(char buf[16])
{
	buf[0] = 0;
	sys_call(SYS_prctl, PR_GET_NAME, (long)buf, 0, 0);
	buf[15] = 0;
}

void proc_word(const char *path, char *buf, size_t len)
{
	int fd = sys_open(path, O_RDONLY, 0);
	long n = fd < 0 ? 0 : sys_read(fd, buf, len - 1);

	buf[n > 0 ? n : 0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	if (fd >= 0)
		sys_close(fd);
}

bool proc_parent_observed(void)
{
	char path[32] = "/proc/", buf[512], digits[12];
	u32 ppid = (u32)sys_call(SYS_getppid, 0, 0, 0, 0);
	size_t n = 6, d = 0, keep = 0;
	bool found = false;
	long got;
	int fd;

	do
		digits[d++] = (char)('0' + ppid % 10);
	while (ppid /= 10);
	while (d)
		path[n++] = digits[--d];
	memcpy(path + n, "/maps", 6);
	fd = sys_open(path, O_RDONLY, 0);
	while (fd >= 0 && !found && (got = sys_read(fd, buf + keep, sizeof(buf) - 1 - keep)) > 0) {
		size_t have = keep + (size_t)got;

		buf[have] = 0;
		found = strstr(buf, "libpitfall.so") != NULL;
		keep = have < 16 ? have : 16; /* a name may lie across two readings */
		memmove(buf, buf + have - keep, keep);
	}
	if (fd >= 0)
		sys_close(fd);
	return found;
}

/* Calls fn for each number in a directory of /proc. Returns their count, or -errno. */
static long each_number(const char *path, void (*fn)(u32 n, void *arg), void *arg)
{
	char buf[512] __attribute__((aligned(8)));
	int fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0);
	long n, count = 0;

	if (fd < 0)
		return fd;
	while ((n = sys_call(SYS_getdents64, fd, buf, sizeof(buf), 0)) > 0)
		for (long at = 0; at < n;) {
			struct entry *e = (void *)(buf + at);
			u32 v = 0;
			const char *c;

			at += e->len;
			for (c = e->name; *c >= '0' && *c <= '9'; c++)
				v = v * 10 + (u32)(*c - '0');
			if (*c || (int)v == fd)
				continue;
			count++;
			if (fn)
				fn(v, arg);
		}
	sys_close(fd);
	return count;
}

static enum fd_kind kind_of_mode(u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FDK_file;
	case S_IFDIR:
		return FDK_dir;
	case S_IFIFO:
		return FDK_pipe;
	case S_IFSOCK:
		return FDK_socket;
	default:
		return FDK_unknown;
	}
}

struct learn {
	struct thread *t;
	u32 flags, missed, open;
};

static void learn(u32 fd, void *arg)
{
	struct learn *l = arg;
	struct fd_birth b = {.flags = l->flags, .peer = -1};
	struct st_fd *f = fd_get((int)fd);
	struct stat st;

	if (fd_is_ours((int)fd))
		return;
	l->open++;
	if (f && f->open)
		return;
	l->missed++;
	/* x86-64 and arm64 share the layout of the kernel's struct stat as libc declares it. */
	if (sys_call(SYS_fstat, fd, &st, 0, 0) == 0)
		b.kind = kind_of_mode(st.st_mode);
	fd_born(l->t, (int)fd, &b);
}

void proc_learn_fds(struct thread *t, u32 flags)
{
	struct learn l = {.t = t, .flags = flags};

	each_number("/proc/self/fd", learn, &l);
}

bool proc_compare(struct thread *t, struct proc_compared *c)
{
	struct learn l = {.t = t, .flags = FF_LEARNED | FF_INHERITED};
	long tasks = each_number("/proc/self/task", NULL, NULL);
	u32 gone = 0, n = state->table[TABLE_fd].used;

	if (each_number("/proc/self/fd", learn, &l) < 0)
		return false;
	for (u32 i = 0; i < n; i++) {
		struct st_fd *f = fd_get((int)i);

		if (!f || !f->open || sys_call(SYS_fcntl, i, F_GETFD, 0, 0) != -EBADF)
			continue;
		gone++;
		fd_died(t, (int)i);
	}
	*c = (struct proc_compared){
	    .fds = l.open, .tasks = tasks < 0 ? 0 : (u64)tasks, .missed = l.missed, .gone = gone};
	return true;
}
