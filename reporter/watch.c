/* SPDX-License-Identifier: MIT */
/*
 * Watching the state files of a run: see watch.h. Called by the supervisor every tick and by
 * `pitfall run` at the end. Reporter only, not signal-safe.
 */
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hung.h"
#include "proc.h"
#include "trace_schema.h"

#define STATE_SUFFIX ".state"
#define HUNG_LOOKS   1u	  /* looks after the first that must find no thread moved */
#define HUNG_AGAIN   200u /* so many more, where the first answer was no */

static bool is_state(const char *name)
{
	size_t n = strlen(name), m = strlen(STATE_SUFFIX);

	return n > m && !strcmp(name + n - m, STATE_SUFFIX);
}

/* Adds the names not known yet. */
static int scan(struct watch *w, bool before)
{
	DIR *d = opendir(w->dir);
	struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		struct watched *x;

		if (!is_state(e->d_name))
			continue;
		HASH_FIND_STR(w->all, e->d_name, x);
		if (x)
			continue;
		x = calloc(1, sizeof(*x));
		if (!x)
			break;
		snprintf(x->name, sizeof(x->name), "%s", e->d_name);
		x->before = x->over = before;
		HASH_ADD_STR(w->all, name, x);
	}
	closedir(d);
	return 0;
}

int watch_open(struct watch *w, const char *dir)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->dir, sizeof(w->dir), "%s", dir);
	return scan(w, true);
}

static bool read_header(const struct watch *w, const struct watched *x, struct st_header *h)
{
	char path[PATH_MAX + NAME_MAX + 2];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", w->dir, x->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = pread(fd, h, sizeof(*h), 0);
	close(fd);
	return n == (ssize_t)sizeof(*h) && h->magic == STATE_MAGIC && h->version == TRACE_VERSION;
}

static void base_of(const struct watch *w, const struct watched *x, char *base, size_t size)
{
	snprintf(base, size, "%s/%.*s", w->dir, (int)(strlen(x->name) - strlen(STATE_SUFFIX)),
		 x->name);
}

/* All its threads wait, and none has moved: is it for good? Asked rarely, it costs a reading of the
 * whole trace. */
static void look_if_hung(struct watch *w, struct watched *x, void *arg)
{
	char path[PATH_MAX + NAME_MAX + 2];
	u64 hung;

	snprintf(path, sizeof(path), "%s/%s", w->dir, x->name);
	hung = hung_signature(path, &x->hint);
	x->same = hung && hung == x->hung ? x->same + 1 : 0;
	x->hung = hung;
	if (x->same != HUNG_LOOKS && x->same != HUNG_AGAIN)
		return;
	base_of(w, x, path, sizeof(path));
	x->stuck = w->hung(path, x->pid, arg);
}

static void look(struct watch *w, struct watched *x, watch_stuck_fn *stuck, void *arg)
{
	struct st_header h;

	if (!read_header(w, x, &h))
		return;
	x->pid = (pid_t)h.pid;
	x->started = h.started;
	x->phase = h.phase;
	if (h.stuck && !x->stuck) {
		char base[PATH_MAX + NAME_MAX + 2];

		x->stuck = true;
		base_of(w, x, base, sizeof(base));
		stuck(base, x->pid, arg);
	}
	if (!x->stuck && w->hung)
		look_if_hung(w, x, arg);
	/* A failed exec goes back to PHASE_RUN: that file is left alone only when it has stayed for
	 * a while. */
	x->quiet = h.phase == PHASE_EXEC ? x->quiet + 1 : 0;
	if (h.phase == PHASE_ENDED || x->quiet > 5 || (kill(x->pid, 0) && errno == ESRCH))
		x->over = true;
}

void watch_poll(struct watch *w, watch_stuck_fn *stuck, void *arg)
{
	struct watched *x, *tmp;
	struct stat st;

	if (!stat(w->dir, &st)) {
		if (memcmp(&st.st_mtim, &w->changed, sizeof(st.st_mtim)))
			w->settled = 0;
		w->changed = st.st_mtim;
		if (w->settled++ < 2)
			scan(w, false);
	}
	HASH_ITER (hh, w->all, x, tmp)
		if (!x->over)
			look(w, x, stuck, arg);
}

void watch_each(struct watch *w, watch_stuck_fn *fn, void *arg)
{
	struct watched *x, *tmp;

	HASH_ITER (hh, w->all, x, tmp) {
		char base[PATH_MAX + NAME_MAX + 2];

		if (x->over || x->pid <= 1)
			continue;
		base_of(w, x, base, sizeof(base));
		fn(base, x->pid, arg);
	}
}

enum watch_seen watch_saw(const struct watch *w, pid_t pid)
{
	const struct watched *last = NULL;
	struct watched *x, *tmp;

	HASH_ITER (hh, w->all, x, tmp)
		if (!x->before && x->pid == pid && (!last || x->started >= last->started))
			last = x;
	if (!last)
		return WATCH_NEVER;
	return last->phase == PHASE_EXEC ? WATCH_LOST : WATCH_SEEN;
}

/* The pid in a header is the process's own view (another pid namespace has its own numbers), and
 * pids are reused: only the process that maps the file is the one that wrote it. */
static bool is_its_process(const struct watched *x)
{
	char path[PATH_MAX], state = proc_state(x->pid, 0);

	return state && state != 'Z' && state != 'X' &&
	       !proc_mapped(x->pid, x->name, path, sizeof(path));
}

int watch_signal(struct watch *w, int sig, pid_t except)
{
	struct watched *x, *tmp;
	int n = 0;

	HASH_ITER (hh, w->all, x, tmp) {
		int pidfd;

		if (x->over || x->pid <= 1 || x->pid == except || x->pid == getpid())
			continue;
		pidfd = (int)syscall(SYS_pidfd_open, x->pid, 0);
		if (is_its_process(x)) {
			n++;
			if (sig && pidfd >= 0)
				syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
			else if (sig)
				kill(x->pid, sig);
		}
		if (pidfd >= 0)
			close(pidfd);
	}
	return n;
}

/* Processes that were told to leave their trace here, or do: a title written over the environment
 * hides the first. */
static int count_living(const struct watch *w)
{
	struct dirent *e;
	unsigned long long ours = proc_start(getpid());
	DIR *d = opendir("/proc");
	int n = 0;

	while (d && (e = readdir(d))) {
		pid_t pid = proc_parse_pid(e->d_name);
		char state;

		if (!pid || pid == getpid() || proc_start(pid) < ours)
			continue;
		state = proc_state(pid, 0);
		if (!state || state == 'Z' || state == 'X')
			continue;
		n += proc_mentions(pid, "environ", w->dir) || proc_mentions(pid, "maps", w->dir);
	}
	if (d)
		closedir(d);
	return n;
}

static void no_news(const char *base, pid_t pid, void *arg)
{
	(void)base;
	(void)pid;
	(void)arg;
}

int watch_settle(struct watch *w)
{
	int living = 0;

	for (int i = 0; i < 20; i++) {
		watch_poll(w, no_news, NULL);
		living = count_living(w);
		if (living <= watch_signal(w, 0, 0))
			break;
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
	return living;
}

void watch_close(struct watch *w)
{
	struct watched *x, *tmp;

	HASH_ITER (hh, w->all, x, tmp) {
		HASH_DEL(w->all, x);
		free(x);
	}
}
