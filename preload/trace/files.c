/* SPDX-License-Identifier: MIT */
/*
 * Owns: names, directories, descriptors of the trace. Names are PROGRAM-PID-START.{jsonl,state},
 * START in hexadecimal nanoseconds: an exec in the same process makes new ones. Descriptors go
 * above the soft RLIMIT_NOFILE where the hard limit allows: no number the program could be given.
 */
#include "trace/files.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/sys.h"
#include "state/arena.h"
#include "base/ourfds.h"
#include "state/proc.h"
#include "trace/event.h"
#include "trace/quota.h"
#include "trace/sink.h"

static char base[256], dir[256]; /* base: DIR/NAME, without extension */

struct path {
	char s[256];
	size_t n;
};
static void add(struct path *p, const char *s)
{
	size_t n = strlen(s);

	if (p->n + n >= sizeof(p->s))
		n = sizeof(p->s) - 1 - p->n;
	memcpy(p->s + p->n, s, n);
	p->n += n;
	p->s[p->n] = 0;
}
static void add_num(struct path *p, u64 v, unsigned radix)
{
	char d[24];
	int i = sizeof(d);

	d[--i] = 0;
	do
		d[--i] = "0123456789abcdef"[v % radix];
	while (v /= radix);
	add(p, d + i);
}

/* %u and %p of the setting. */
static void expand(struct path *p, const char *s)
{
	char c[2] = {0};

	p->n = 0;
	p->s[0] = 0;
	for (; *s; s++) {
		if (s[0] == '%' && (s[1] == 'u' || s[1] == 'p')) {
			add_num(p,
				s[1] == 'u' ? (u64)sys_call(SYS_getuid, 0, 0, 0, 0)
					    : (u64)sys_getpid(),
				10);
			s++;
			continue;
		}
		c[0] = *s;
		add(p, c);
	}
}

/* mkdir -p, mode 0700. */
static void make_dirs(char *path)
{
	for (char *c = path + 1; *c; c++)
		if (*c == '/') {
			*c = 0;
			sys_call(SYS_mkdirat, AT_FDCWD, path, 0700, 0);
			*c = '/';
		}
	sys_call(SYS_mkdirat, AT_FDCWD, path, 0700, 0);
}

static int create(const char *ext)
{
	struct path p = {{0}, 0};

	add(&p, base);
	add(&p, ext);
	return sys_open(p.s, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
}

/* To a number no call of the program can return: above its soft limit, else the highest below it.
 */
static int out_of_the_way(int fd)
{
	struct rlimit r, up;
	int to;

	if (fd < 0 || sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &r) < 0)
		return fd;
	up = r;
	up.rlim_cur = r.rlim_cur + 64 < r.rlim_max ? r.rlim_cur + 64 : r.rlim_max;
	if (r.rlim_cur < (1 << 16) && up.rlim_cur > r.rlim_cur &&
	    sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, &up, 0) == 0) {
		to = (int)sys_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, r.rlim_cur, 0);
		sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, &r, 0);
	} else {
		u64 top = r.rlim_cur < 4096 ? r.rlim_cur : 4096;

		to = (int)sys_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, top > 32 ? top - 16 : 3, 0);
	}
	if (to < 0)
		return fd;
	sys_close(fd);
	return to;
}

static void name_files(const char *directory)
{
	struct path p = {{0}, 0};
	char comm[16];

	proc_comm(comm);
	for (char *c = comm; *c; c++)
		if (*c == '/' || *c <= ' ' || *c == '"' || *c == '\\' || *c == 127)
			*c = '_';
	add(&p, directory);
	add(&p, "/");
	add(&p, comm[0] ? comm : "program");
	add(&p, "-");
	add_num(&p, (u64)sys_getpid(), 10);
	add(&p, "-");
	add_num(&p, clock_now(), 16);
	memcpy(base, p.s, sizeof(base));
	memcpy(dir, directory, strlen(directory) + 1);
}

static int open_pair(int *fds)
{
	fds[0] = create(".state");
	if (fds[0] < 0)
		return fds[0];
	fds[1] = create(".jsonl");
	if (fds[1] < 0) {
		sys_close(fds[0]);
		return fds[1];
	}
	return 0;
}

/* The program's standard error is not ours: only the first observed process of a tree speaks, its
 * children keep silent. */
static void complain(const char *what, const char *path, int err)
{
	if (!proc_parent_observed())
		log_always("%s: %s: %s", path, what, errno_name(err));
}

static int open_somewhere(int *fds)
{
	struct path p;
	int rc;

	expand(&p, config.output);
	make_dirs(p.s);
	name_files(p.s);
	rc = open_pair(fds);
	if (rc < 0) {
		complain("can't write traces into the output directory, trying /dev/shm", p.s, -rc);
		name_files("/dev/shm");
		rc = open_pair(fds);
	}
	if (rc < 0) {
		complain("no directory for traces; observed for log= only", "/dev/shm", -rc);
		base[0] = 0;
		fds[0] = fds[1] = -1;
	}
	return rc;
}

enum { YOUNG = 1000000000 }; /* ns */
u64 files_due = UINT64_MAX;

/* Until it is a second old, has a second thread, or has something to say, a process keeps its trace
 * in memory: most are over by then. */
static int start_in_memory(void)
{
	base[0] = 0;
	files_due = clock_coarse() + YOUNG;
	return sink_open(-1, (size_t)config.max_trace << 20);
}

int files_open(void)
{
	int rc = arena_open(-1, (size_t)config.max_memory << 20);

	if (rc == 0)
		rc = start_in_memory();
	if (rc == 0 && config.keep)
		files_promote();
	return rc;
}

int files_fork(void)
{
	int old[2] = {arena_fd(), sink_fd()}, rc;

	rc = arena_fork();
	if (rc == 0) {
		memset(state->trace, 0, sizeof(state->trace));
		rc = start_in_memory();
	}
	for (int i = 0; i < 2; i++)
		if (old[i] >= 0)
			sys_close(old[i]);
	if (rc == 0 && config.keep)
		files_promote();
	return rc;
}

void files_promote(void)
{
	uint64_t mask;
	int fds[2];

	if (__atomic_exchange_n(&files_due, UINT64_MAX, __ATOMIC_ACQ_REL) == UINT64_MAX)
		return;
	sys_block_signals(&mask);
	if (open_somewhere(fds) == 0) {
		fds[0] = out_of_the_way(fds[0]);
		fds[1] = out_of_the_way(fds[1]);
		memcpy(state->trace, base, strlen(base));
		memcpy(state->trace + strlen(base), ".jsonl", 7);
		for (int i = 0; i < 2; i++) {
			if ((i ? sink_attach(fds[1]) : arena_attach(fds[0])) == 0)
				continue;
			sys_close(fds[i]);
			if (!i || state->file_size)
				complain("no room for the trace, findings go to log= only", dir,
					 ENOSPC);
		}
	}
	sys_restore_signals(&mask);
}

const char *files_table_name(int table)
{
#define NAME(name, doc) #name,
	static const char *const names[] = {TRACE_RECORDS(NAME)};
#undef NAME

	return table >= 0 && table < TABLES ? names[table] : "?";
}

static bool any_row(enum trace_table t)
{
	for (u32 i = 1, n = state->table[t].used; i < n; i++) {
		const u32 *row = row_get(t, i);

		if (row && row[0])
			return true;
	}
	return false;
}

/* Something a rule could speak of: alive beyond what every process has, or counted as bad. */
static bool worth_keeping(void)
{
	u32 n;

	if (state->flags_raised || any_row(TABLE_hold_io) || any_row(TABLE_contend) ||
	    any_row(TABLE_queue) || state->timers_live)
		return true;
	n = state->table[TABLE_site].used;
	for (u32 i = 1; i < n; i++) {
		struct st_site *s = row_get(TABLE_site, i);

		if (s && s->serial &&
		    (s->failed ||
		     (s->kind != SITE_sync &&
		      s->made - s->gone > (s->kind == SITE_thread && !s->thread)) ||
		     s->peak >= 64 || s->flags & XF_CROWD))
			return true;
	}
	return false;
}

/* One line of plain words: written by hand here since the sink's file is the one that goes. */
static int clean_line(int fd)
{
	struct path p = {{0}, 0};
	const char *name = strrchr(base, '/');

	add(&p, "{\"ev\":\"clean\",\"pid\":");
	add_num(&p, state->pid, 10);
	add(&p, ",\"ppid\":");
	add_num(&p, state->ppid, 10);
	add(&p, ",\"name\":\"");
	add(&p, name ? name + 1 : base); /* made of comm, without blanks and control characters */
	add(&p, "\",\"real\":");
	add_num(&p, state->started_real, 10);
	add(&p, ",\"ran\":");
	add_num(&p, state->ended - state->started, 10);
	add(&p, "}\n");
	return log_write(fd, p.s, p.n);
}

void files_settle(void)
{
	struct path p = {{0}, 0};
	int fd;

	if (config.keep)
		return;
	if (worth_keeping()) {
		files_promote();
		if (base[0])
			quota_keep(dir);
		return;
	}
	if (!base[0]) { /* never was in a file: the directory may not even exist */
		expand(&p, config.output);
		make_dirs(p.s);
		name_files(p.s);
		p.n = 0;
		p.s[0] = 0;
	}
	add(&p, dir);
	add(&p, "/index.jsonl");
	fd = sys_open(p.s, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (clean_line(fd) == 0) {
		p.n = 0;
		add(&p, base);
		add(&p, ".jsonl");
		sys_call(SYS_unlinkat, AT_FDCWD, p.s, 0, 0);
		p.n = 0;
		add(&p, base);
		add(&p, ".state");
		sys_call(SYS_unlinkat, AT_FDCWD, p.s, 0, 0);
	}
	sys_close(fd);
}
