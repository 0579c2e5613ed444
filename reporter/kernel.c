/* SPDX-License-Identifier: MIT */
/* What the kernel says of a living process: see kernel.h. Called from reader.c and cmd_run.c. */
#include "kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alive.h"
#include "proc.h"
#include "state.h"
#include "util.h"

#define STILL_MS   60
#define TARGETS	   32
#define EVENTS_MAX 65536u

struct target { /* what a thread waits on */
	const struct st_fd *fd;
	char link[NAME_MAX + 32]; /* "pipe:[123]": of the end that matters */
	mode_t want;		  /* S_IWUSR: who writes ends the wait; S_IRUSR: who reads */
	u32 ends, others;	  /* in this process, in others */
	int pid;
};
struct look {
	struct model_process *p;
	struct target target[TARGETS];
	u32 n;
};

static int event_keep(struct model_process *p, json_t *js)
{
	int rc = js ? array_room((void **)&p->event, p->nevents, &p->cap_events, sizeof(*p->event),
				 EVENTS_MAX)
		    : -ENOMEM;

	if (rc) {
		json_decref(js);
		return rc;
	}
	p->event[p->nevents++] = (struct model_event){
	    .ev = json_string_value(json_object_get(js, "ev")),
	    .t = json_u64(json_object_get(js, "t")),
	    .js = js,
	};
	return 0;
}

/* ---- do they move?
 * ------------------------------------------------------------------------------- */
/* Waits for something another thread would have to do, that is no lock and no end. */
static bool waits_for_others(const struct st_live *l)
{
	if (l->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return false;
	switch (call_class(l->wait_call)) {
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_BARRIER:
	case CLASS_MQ:
		return true;
	case CLASS_FD:
		return l->wait_fd >= 0;
	default:
		return false;
	}
}

static bool is_same(const struct st_live *a, const struct st_live *b)
{
	return a->tid == b->tid && a->wait_call == b->wait_call && a->wait_flags == b->wait_flags &&
	       a->wait_addr == b->wait_addr && a->wait_obj == b->wait_obj &&
	       a->wait_fd == b->wait_fd && a->wait_since == b->wait_since && a->nheld == b->nheld;
}

static const struct st_live *row_of(const struct st_live *row, u32 n, u32 serial)
{
	for (u32 i = 0; i < n; i++)
		if (row[i].thread == serial)
			return &row[i];
	return NULL;
}

static u32 tasks_of(int pid)
{
	char path[64];
	struct dirent *e;
	u32 n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		pid_t tid = proc_parse_pid(e->d_name);
		char state = tid ? proc_state(pid, tid) : 0;

		n += state && state != 'Z' && state != 'X';
	}
	if (d)
		closedir(d);
	return n;
}

static u64 signals_caught(int pid)
{
	char path[64], line[256];
	unsigned long long set = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "SigCgt: %llx", &set) == 1)
			break;
	if (in)
		fclose(in);
	return set;
}

/* The serials of those that have not moved and sleep. */
static json_t *those_still(const struct model_process *p, const struct st_live *now, u32 n)
{
	json_t *list = json_array();

	FOR_EACH_ROW(p, live, l)
	{
		const struct st_live *then = row_of(now, n, l->thread);
		char state = proc_state(p->facts.pid, (pid_t)l->tid);

		if (l->wait_call && then && is_same(l, then) && (state == 'S' || state == 'D'))
			json_array_append_new(list, json_integer(l->thread));
	}
	return list;
}

static int look_still(struct model_process *p, const char *path)
{
	u64 since = now_ns();
	struct state_view v;
	void *rows = NULL;
	json_t *js;
	u32 n = 0;
	int rc;

	nanosleep(&(struct timespec){.tv_nsec = STILL_MS * 1000000L}, NULL);
	rc = state_open(&v, path);
	if (rc)
		return rc;
	rc = state_table(&v, TABLE_live, &rows, &n);
	state_close(&v);
	if (rc)
		return rc;
	js = json_pack("{s:s, s:I, s:I, s:o, s:I, s:I}", "ev", "watched", "t", (json_int_t)now_ns(),
		       "since", (json_int_t)since, "threads", those_still(p, rows, n), "tasks",
		       (json_int_t)tasks_of(p->facts.pid), "handlers",
		       (json_int_t)signals_caught(p->facts.pid));
	free(rows);
	return event_keep(p, js);
}

/* ---- who else has it?
 * ---------------------------------------------------------------------------- */
static bool link_of(int pid, int fd, char *out, size_t size)
{
	return fd >= 0 && !proc_fd(pid, fd, out, size);
}

/* Which access ends the wait: what the waiter does not do itself. */
static mode_t access_wanted(u32 call)
{
	const char *name = call_name(call);

	return strstr(name, "send") || strstr(name, "write") || strstr(name, "put") ||
		       strstr(name, "print") || strstr(name, "flush")
		   ? S_IRUSR
		   : S_IWUSR;
}

/* The model has no look-ups yet; in a state file the row's index is the number. */
static const struct st_fd *row_of_fd(const struct model_process *p, i32 fd)
{
	const struct st_fd *f = fd >= 0 && (u32)fd < p->fd.n ? &p->fd.row[fd] : NULL;

	return f && f->gen && f->num == fd ? f : NULL;
}

static void add_target(struct look *k, const struct st_live *l)
{
	const struct st_fd *f = row_of_fd(k->p, l->wait_fd);
	struct target *t = &k->target[k->n];
	int fd = l->wait_fd;

	if (k->n == TARGETS || !f || !f->open ||
	    (f->kind != FDK_pipe && f->kind != FDK_socketpair && f->kind != FDK_mqueue))
		return;
	for (u32 i = 0; i < k->n; i++)
		if (k->target[i].fd == f)
			return;
	if (f->kind == FDK_socketpair)
		fd = f->peer;
	*t = (struct target){.fd = f, .want = access_wanted(l->wait_call)};
	if (link_of(k->p->facts.pid, fd, t->link, sizeof(t->link)))
		k->n++;
	else if (f->kind == FDK_socketpair) { /* closed here, and yet it waits: it is elsewhere */
		t->others = 1;
		k->n++;
	}
}

/* Compares the descriptors of a process with what is looked for. */
static void scan_process(struct look *k, int pid)
{
	char path[64], link[PATH_MAX];
	struct dirent *e;
	struct stat st;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		if (n <= 0)
			continue;
		link[n] = '\0';
		for (u32 i = 0; i < k->n; i++) {
			struct target *t = &k->target[i];

			if (strcmp(link, t->link) != 0 ||
			    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
			    !(st.st_mode & t->want))
				continue;
			if (pid == k->p->facts.pid) {
				t->ends++;
			} else {
				t->others++;
				t->pid = pid;
			}
		}
	}
	if (d)
		closedir(d);
	/* A child that we may not look into (set-id) may have inherited anything. */
	for (u32 i = 0; !d && errno == EACCES && i < k->n; i++)
		k->target[i].others += proc_status(pid, "PPid:") == k->p->facts.pid;
}

static int tell(struct look *k, const struct target *t)
{
	char comm[64] = "";

	if (t->pid)
		proc_line(t->pid, "comm", comm, sizeof(comm));
	text_clean(comm);
	return event_keep(k->p,
			  json_pack("{s:s, s:I, s:i, s:I, s:I, s:I, s:i, s:s}", "ev", "other_end",
				    "t", (json_int_t)now_ns(), "fd", (int)t->fd->num, "gen",
				    (json_int_t)t->fd->gen, "ends", (json_int_t)t->ends, "others",
				    (json_int_t)t->others, "pid", t->pid, "comm", comm));
}

static int look_ends(struct model_process *p)
{
	struct look *k = calloc(1, sizeof(*k));
	struct dirent *e;
	DIR *d = NULL;
	int rc = 0;

	if (!k)
		return -ENOMEM;
	k->p = p;
	FOR_EACH_ROW(p, live, l)
	if (waits_for_others(l) && l->wait_fd >= 0)
		add_target(k, l);
	if (k->n)
		d = opendir("/proc");
	while (d && (e = readdir(d))) {
		pid_t pid = proc_parse_pid(e->d_name);

		if (pid && pid != getpid())
			scan_process(k, pid);
	}
	if (d)
		closedir(d);
	for (u32 i = 0; i < k->n && rc == 0; i++)
		rc = tell(k, &k->target[i]);
	free(k);
	return rc;
}

int kernel_look(struct model_process *p, const char *state)
{
	bool any = false;
	int rc;

	FOR_EACH_ROW(p, live, l)
	any |= waits_for_others(l);
	if (!any)
		return 0;
	rc = look_still(p, state);
	return rc ? rc : look_ends(p);
}

/* ---- kept for later
 * ------------------------------------------------------------------------------ */
int kernel_save(const struct model_process *p, const char *base)
{
	char path[PATH_MAX + 8];
	u32 n = 0;
	FILE *to;
	int rc;

	for (u32 i = 0; i < p->nevents; i++)
		n += event_is(&p->event[i], "watched");
	if (!n)
		return -ENODATA;
	snprintf(path, sizeof(path), "%s.seen", base);
	to = fopen(path, "we");
	if (!to)
		return -errno;
	for (u32 i = 0; i < p->nevents; i++) {
		const struct model_event *e = &p->event[i];

		if (!event_is(e, "watched") && !event_is(e, "other_end"))
			continue;
		json_dumpf(e->js, to, JSON_COMPACT);
		putc('\n', to);
	}
	rc = ferror(to) ? -EIO : 0;
	return fclose(to) || rc ? -EIO : 0;
}
