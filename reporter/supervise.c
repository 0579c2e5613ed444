/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: see supervise.h. One thread, no handlers: signals are blocked and taken by
 * sigtimedwait(2), which also is the clock of the loop. The program starts with the mask and
 * dispositions we were given. Called by `pitfall run`.
 */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"

#define MS	   1000000LL
#define SECOND	   (1000 * MS)
#define TICK	   (150 * MS)	 /* between two looks at the state files */
#define GRACE	   (5 * SECOND)	 /* from TERM to KILL, for the timeout and deadlocks */
#define GRACE_TERM (10 * SECOND) /* the same when we were told to end ourselves */
#define SETTLE	   (60 * MS) /* a child seen stopped must stay so for this before we stop, too */
#define LOOK_AFTER SECOND    /* by then a program has surely mapped what it preloads */

enum { STEP_NONE, STEP_TERM, STEP_KILL };

static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* sd_listen_fds(3), sd_watchdog_enabled(3): what was meant for us is the program's. Only a variable
 * that names us: another's stays another's. */
static void hand_over_pid(const char *name, pid_t ours)
{
	const char *v = getenv(name);
	char own[16];

	if (!v || proc_parse_pid(v) != ours)
		return;
	snprintf(own, sizeof(own), "%d", getpid());
	setenv(name, own, 1);
}

static void __attribute__((noreturn)) child(struct supervise *s, pid_t ours, int failed)
{
	int err;

	hand_over_pid("LISTEN_PID", ours);
	hand_over_pid("WATCHDOG_PID", ours);
	sigaction(SIGCHLD, &s->old_chld, NULL);
	sigaction(SIGPIPE, &s->old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
	/* The path has a slash: no second search, but the shell for a bare script. */
	execvp(s->path, s->argv);
	err = errno;
	while (write(failed, &err, sizeof(err)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static int start(struct supervise *s)
{
	int p[2], err = 0;
	pid_t ours = getpid();
	ssize_t n;

	if (pipe2(p, O_CLOEXEC))
		return -errno;
	s->pid = fork();
	if (s->pid < 0) {
		err = errno;
		close(p[0]);
		close(p[1]);
		return -err;
	}
	if (!s->pid)
		child(s, ours, p[1]);
	close(p[1]);
	do
		n = read(p[0], &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(p[0]);
	if (n != (ssize_t)sizeof(err))
		return 0;
	waitpid(s->pid, &s->status, 0);
	return -err;
}

/* TERM now, KILL after `grace`; `all`: observed descendants as well. A stopped process must wake to
 * end. */
static void begin_end(struct supervise *s, bool all, long long grace)
{
	if (s->step != STEP_NONE)
		return;
	s->step = STEP_TERM;
	s->all = all;
	if (all)
		watch_each(s->watch, s->last, s->arg);
	s->kill_at = now_ns() + grace;
	if (!all)
		return; /* the signal itself was forwarded */
	if (!s->ended) {
		kill(s->pid, SIGTERM);
		kill(s->pid, SIGCONT);
	}
	watch_signal(s->watch, SIGTERM, s->pid);
	watch_signal(s->watch, SIGCONT, s->pid);
}

static void finish_end(struct supervise *s)
{
	s->step = STEP_KILL;
	s->kill_at = 0;
	if (!s->ended)
		kill(s->pid, SIGKILL);
	if (s->all)
		watch_signal(s->watch, SIGKILL, s->pid);
}

/* A terminal sends its signals to the whole foreground group, ours and the program's: those are not
 * sent twice. What kill(2) sends to us alone is passed on. */
static void forward(struct supervise *s, const siginfo_t *si)
{
	if (!s->ended && si->si_code != SI_KERNEL) {
		kill(s->pid, si->si_signo);
		if (si->si_signo == SIGTERM || si->si_signo == SIGHUP)
			kill(s->pid, SIGCONT);
	}
	if (si->si_signo == SIGTERM)
		begin_end(s, false, GRACE_TERM);
}

/* Is there a shell that would want to know that its job stopped? Its group is another one, its
 * session ours. In a script, a container or a unit nobody would ever continue us. */
static bool under_job_control(void)
{
	pid_t parent = getppid();

	return getpid() != 1 && getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

/* The program has stopped: so must we, or the shell waits for ever. Not at once: when a whole group
 * is continued, we may run before the program does and would see it still stopped. */
static void follow_stop(struct supervise *s)
{
	if (!s->stopped || now_ns() < s->stop_at)
		return;
	s->stopped = false;
	if (proc_state(s->pid, 0) != 'T' || s->step != STEP_NONE || !under_job_control())
		return;
	raise(SIGSTOP);
	/* Continued: the shell continued our whole group, or only us. */
	if (proc_state(s->pid, 0) == 'T')
		kill(s->pid, SIGCONT);
}

/* As PID 1 we are every orphan's parent; else there is one child only. */
static void reap(struct supervise *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != s->pid)
			continue;
		if (WIFSTOPPED(status)) {
			s->stopped = true;
			s->stop_at = now_ns() + SETTLE;
			continue;
		}
		s->ended = true;
		s->ended_at = now_ns();
		s->status = status;
	}
	if (pid < 0 && errno == ECHILD)
		s->ended = true;
}

static void on_stuck(const char *base, pid_t pid, void *arg)
{
	struct supervise *s = arg;

	s->stuck(base, pid, s->arg);
	if (s->exit_on_deadlock)
		begin_end(s, true, GRACE);
}

static bool on_hung(const char *base, pid_t pid, void *arg)
{
	struct supervise *s = arg;

	if (s->step != STEP_NONE || !s->hung(base, pid, s->arg))
		return false;
	if (s->exit_on_deadlock)
		begin_end(s, true, GRACE);
	return true;
}

/* A server may run for days: that it is not observed is said now, not when it ends. Looked at
 * twice, as it may just have executed another program. */
static void look_if_loaded(struct supervise *s, long long since)
{
	const char *base = strrchr(s->library, '/');
	char path[PATH_MAX];

	if (s->looked || s->ended || now_ns() < since + LOOK_AFTER * (s->missed + 1))
		return;
	s->loaded = !proc_mapped(s->pid, base ? base : s->library, path, sizeof(path));
	s->missed += !s->loaded;
	s->looked = s->loaded || s->missed == 2;
	if (s->missed == 2)
		fprintf(stderr, "pitfall: process %d is not observed: libpitfall.so is not in it\n",
			s->pid);
}

static void wait_signal(struct supervise *s, const sigset_t *set, long long until)
{
	long long left = until - now_ns();
	struct timespec t = {left > 0 ? left / SECOND : 0, left > 0 ? left % SECOND : 0};
	siginfo_t si;

	if (sigtimedwait(set, &si, &t) > 0 && si.si_signo != SIGCHLD)
		forward(s, &si);
}

static void loop(struct supervise *s, const sigset_t *set)
{
	long long since = now_ns(), tick = since, end = 0;

	if (s->timeout > 0)
		end = since + (long long)(s->timeout * SECOND);
	for (;;) {
		long long now, next;

		reap(s);
		now = now_ns();
		if (now >= tick || s->ended) {
			watch_poll(s->watch, on_stuck, s);
			tick = now + TICK;
		}
		if (s->ended &&
		    !(s->step == STEP_TERM && s->all && watch_signal(s->watch, 0, s->pid)))
			return;
		look_if_loaded(s, since);
		follow_stop(s);
		if (end && now >= end && s->step == STEP_NONE) {
			s->timed_out = true;
			begin_end(s, true, GRACE);
		}
		if (s->kill_at && now >= s->kill_at)
			finish_end(s);
		next = tick;
		if (end && s->step == STEP_NONE && end < next)
			next = end;
		if (s->kill_at && s->kill_at < next)
			next = s->kill_at;
		if (s->stopped && s->stop_at < next)
			next = s->stop_at;
		wait_signal(s, set, next);
	}
}

int supervise_run(struct supervise *s)
{
	struct sigaction chld = {.sa_handler = SIG_DFL}, ign = {.sa_handler = SIG_IGN};
	sigset_t set;
	int rc;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++)
		sigaddset(&set, forwarded[i]);
	sigprocmask(SIG_BLOCK, &set, &s->old_mask);
	sigaction(SIGCHLD, &chld,
		  &s->old_chld); /* ignored, it would take the program's status away */
	sigaction(SIGPIPE, &ign, &s->old_pipe);
	rc = start(s);
	s->watch->hung = on_hung;
	if (!rc)
		loop(s, &set);
	s->watch->hung = NULL;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	while (sigtimedwait(&set, NULL, &(struct timespec){0}) > 0)
		; /* they were the program's */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return rc;
}
