/* SPDX-License-Identifier: MIT */
/* Owns: what goes when the output directory is over its quota. See quota.h. Raw system calls, one
 * small buffer, not signal-safe (called at the end). */
#include "trace/quota.h"

#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/sys.h"
#include "trace_schema.h"

enum { ROUNDS = 256 };

struct entry { /* linux_dirent64 */
	u64 ino;
	int64_t off;
	u16 len;
	u8 type;
	char name[];
};

struct oldest {
	u64 total;	/* bytes on disk of everything ours */
	u64 mtime;	/* of the oldest removable pair */
	char name[128]; /* its NAME */
};

static bool ends_with(const char *s, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n > m && memcmp(s + n - m, end, m) == 0;
}

/* Has the process of this state file ended? Its header says so, or its pid is gone. */
static bool over(int dir, const char *name)
{
	struct st_header h;
	int fd = (int)sys_call(SYS_openat, dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	long n = fd < 0 ? 0 : sys_read(fd, &h, offsetof(struct st_header, table));

	if (fd >= 0)
		sys_close(fd);
	if (n < (long)offsetof(struct st_header, table) || h.magic != STATE_MAGIC)
		return false;
	return h.phase == PHASE_ENDED || sys_call(SYS_kill, h.pid, 0, 0, 0) == -ESRCH;
}

static void look_at(int dir, const char *name, struct oldest *o)
{
	size_t n = strlen(name);
	struct stat st;
	bool is_state = ends_with(name, n, ".state");

	if ((!is_state && !ends_with(name, n, ".jsonl")) ||
	    sys_call(SYS_newfstatat, dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	o->total += (u64)st.st_blocks * 512;
	if (!is_state || n - 6 >= sizeof(o->name) || (o->name[0] && (u64)st.st_mtime >= o->mtime) ||
	    !over(dir, name))
		return;
	o->mtime = (u64)st.st_mtime;
	memcpy(o->name, name, n - 6);
	o->name[n - 6] = 0;
}

static void scan(int dir, struct oldest *o)
{
	char buf[512] __attribute__((aligned(8)));
	long n;

	memset(o, 0, sizeof(*o));
	sys_call(SYS_lseek, dir, 0, 0, 0);
	while ((n = sys_call(SYS_getdents64, dir, buf, sizeof(buf), 0)) > 0)
		for (long at = 0; at < n;) {
			struct entry *e = (void *)(buf + at);

			at += e->len;
			look_at(dir, e->name, o);
		}
}

void quota_keep(const char *path)
{
	int dir = sys_open(path, O_RDONLY | O_DIRECTORY, 0);
	struct oldest o;
	char name[sizeof(o.name) + 8];

	if (dir < 0)
		return;
	for (int i = 0; i < ROUNDS; i++) {
		size_t n;

		scan(dir, &o);
		if (o.total <= (u64)config.quota << 20 || !o.name[0])
			break;
		n = strlen(o.name);
		memcpy(name, o.name, n);
		memcpy(name + n, ".state", 7);
		sys_call(SYS_unlinkat, dir, name, 0, 0);
		memcpy(name + n, ".jsonl", 7);
		sys_call(SYS_unlinkat, dir, name, 0, 0);
	}
	sys_close(dir);
}
