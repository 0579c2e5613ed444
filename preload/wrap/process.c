/* SPDX-License-Identifier: MIT */
/*
 * Owns: forks, exec and the calls that end the process. vfork is in wrap/vfork.S, spawn and clone
 * in wrap/spawn.c. A child is brought up by tool_fork_child(); handlers of pthread_atfork that ran
 * in it before may have done so already. Signal-safe as far as the calls themselves are.
 */
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/sys.h"
#include "detect/fork_locks.h"
#include "detect/handlers.h"
#include "detect/timers.h"
#include "init.h"
#include "real/real.h"
#include "state/fds.h"
#include "state/held.h"
#include "state/stacks.h"
#include "trace/event.h"

/* ---- fork
 * ---------------------------------------------------------------------------------------------------------------
 */

static void forked(struct thread *t, pid_t pid, const char *how)
{
	int e = errno;

	if (pid == 0 && !arena_ours())
		tool_fork_child(how);
	else if (pid > 0 && t)
		event_fork(t->serial, pid, how, stack_here(t));
	errno = e;
}

/* The mutexes the forking thread holds are its child's, too. What the tables say of it when the
 * child copies them may be younger than the fork. */
struct kept {
	struct thread *t; /* NULL: not observed */
	u32 n, tid;
	struct st_held held[4];
};

static void keep_held(struct kept *k, const struct thread *t)
{
	const struct st_live *l = t ? t->live : NULL;

	k->n = 0;
	k->tid = t ? t->tid : 0;
	for (u32 i = 0; l && i < l->nheld && i < HELD_MAX && k->n < ARRAY_SIZE(k->held); i++)
		if (l->held[i].mode == HELD_MUTEX)
			k->held[k->n++] = l->held[i];
}

/* In the child: those that no handler of pthread_atfork has given back or made anew. */
static void hold_kept(const struct kept *k)
{
	struct st_live *l = thread_self ? thread_self->live : NULL;

	for (u32 i = 0; l && i < k->n && l->nheld < HELD_MAX && !l->acquiring; i++) {
		const pthread_mutex_t *m = (const void *)(uintptr_t)k->held[i].addr;

		if (!m->__data.__lock || (u32)m->__data.__owner != k->tid)
			continue;
		l->held[l->nheld] = k->held[i];
		l->held[l->nheld].flags |= HF_INHERITED;
		held_count(l, l->nheld + 1, 0);
	}
}

static void fork_begin(struct kept *k)
{
	k->t = scope_enter();
	keep_held(k, k->t);
	fork_locks_before(k->t);
}

static void fork_end(struct kept *k, pid_t pid)
{
	forked(k->t, pid, "fork");
	if (pid == 0)
		hold_kept(k);
	else
		fork_locks_after();
}

EXPORT pid_t fork(void)
{
	struct kept k;
	pid_t pid;

	fork_begin(&k);
	pid = REAL(fork)();
	fork_end(&k, pid);
	return pid;
}

EXPORT pid_t __fork(void) __attribute__((alias("fork"), copy(fork)));
EXPORT pid_t __libc_fork(void) __attribute__((alias("fork"), copy(fork)));

EXPORT pid_t _Fork(void)
{
	struct kept k;
	pid_t pid;

	if (!REAL(_Fork)) {
		errno = ENOSYS;
		return -1;
	}
	fork_begin(&k);
	pid = real._Fork();
	fork_end(&k, pid);
	return pid;
}

EXPORT int forkpty(int *master, char *name, const struct termios *term, const struct winsize *size)
{
	struct fd_birth b = {.kind = FDK_pty, .peer = -1};
	struct kept k;
	pid_t pid;

	fork_begin(&k);
	pid = REAL(forkpty)(master, name, term, size);
	if (k.t && pid > 0)
		fd_born(k.t, *master, &b);
	fork_end(&k, pid);
	return pid;
}

/* libc's daemon() forks and ends the parent out of our sight; here the same is done by calls that
 * are seen. */
EXPORT int daemon(int nochdir, int noclose)
{
	struct stat st;
	int null;

	switch (fork()) {
	case -1:
		return -1;
	case 0:
		break;
	default:
		_exit(0);
	}
	if (setsid() < 0)
		return -1;
	if (!nochdir)
		sys_call(SYS_chdir, "/", 0, 0,
			 0); /* whether it works is of no matter, as in libc */
	if (noclose)
		return 0;
	null = open("/dev/null", O_RDWR);
	if (null < 0)
		return -1;
	if (sys_call(SYS_fstat, null, &st, 0, 0) < 0 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(1, 3)) {
		close(null);
		errno = ENODEV;
		return -1;
	}
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	return 0;
}

/* ---- vfork: called by the assembler
 * ------------------------------------------------------------------------------------------- */

/* From here until the parent goes on, the child runs on this thread's memory, thread-local state
 * included: everything passes through. */
void vfork_enter(void)
{
	struct thread *t = scope_enter();

	if (!t)
		t = thread_self; /* a vfork in a vfork's child, or while paused: counted */
	if (!t)
		return;
	t->vforked++;
	thread_pause(t);
}

/* In the parent. Returns what vfork is to return. */
long vfork_leave(long pid)
{
	struct thread *t = thread_self;

	if (t && t->vforked && --t->vforked == 0) {
		thread_resume(t);
		if (t->live && pid > 0)
			event_fork(t->serial, (int)pid, "vfork", stack_here(t));
	}
	if (pid >= 0)
		return pid;
	errno = (int)-pid;
	return -1;
}

/* ---- exec
 * -----------------------------------------------------------------------------------------------------------------------
 */

struct exec {
	struct thread *t;
	const char *path;
};

static inline void exec_begin(struct exec *x, const char *path)
{
	x->t = scope_enter();
	x->path = path;
	if (x->t)
		tool_exec(x->t, path, 0);
}

static int exec_failed(struct exec *x)
{
	int e = errno;

	if (x->t)
		tool_exec(x->t, x->path, e);
	errno = e;
	return -1;
}

/* What a descriptor names, as far as /proc tells. */
static const char *path_of_fd(int fd, char *buf, size_t len)
{
	char link[32] = "/proc/self/fd/", digits[12];
	int i = sizeof(digits);
	long n;

	digits[--i] = 0;
	for (unsigned v = fd < 0 ? 0 : (unsigned)fd; v || !digits[i]; v /= 10)
		digits[--i] = (char)('0' + v % 10);
	strcat(link, digits + i);
	n = sys_call(SYS_readlinkat, AT_FDCWD, link, buf, len - 1);
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	struct exec x;

	exec_begin(&x, path);
	REAL(execve)(path, argv, envp);
	return exec_failed(&x);
}

EXPORT int execv(const char *path, char *const argv[])
{
	struct exec x;

	exec_begin(&x, path);
	REAL(execv)(path, argv);
	return exec_failed(&x);
}

EXPORT int execvp(const char *file, char *const argv[])
{
	struct exec x;

	exec_begin(&x, file);
	REAL(execvp)(file, argv);
	return exec_failed(&x);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct exec x;

	exec_begin(&x, file);
	REAL(execvpe)(file, argv, envp);
	return exec_failed(&x);
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	char buf[256];
	struct exec x;

	exec_begin(&x, path_of_fd(fd, buf, sizeof(buf)));
	REAL(fexecve)(fd, argv, envp);
	return exec_failed(&x);
}

EXPORT int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	char buf[256];
	struct exec x;

	if (!REAL(execveat)) {
		errno = ENOSYS;
		return -1;
	}
	exec_begin(&x, *path ? path : path_of_fd(fd, buf, sizeof(buf)));
	real.execveat(fd, path, argv, envp, flags);
	return exec_failed(&x);
}

/* The l-forms: the arguments as the array that libc's own would have made of them on its stack. */
#define COUNT_ARGS(argc, last)                                                                     \
	va_list count_;                                                                            \
	int argc = 1;                                                                              \
	va_start(count_, last);                                                                    \
	while (va_arg(count_, char *))                                                             \
		argc++;                                                                            \
	va_end(count_)

static void take_args(char **argv, int argc, const char *first, va_list *ap)
{
	argv[0] = (char *)first;
	for (int i = 1; i <= argc; i++)
		argv[i] = va_arg(*ap, char *);
}

EXPORT int execl(const char *path, const char *arg, ...)
{
	COUNT_ARGS(argc, arg);
	char *argv[argc + 1];
	struct exec x;
	va_list ap;

	va_start(ap, arg);
	take_args(argv, argc, arg, &ap);
	va_end(ap);
	exec_begin(&x, path);
	REAL(execv)(path, argv);
	return exec_failed(&x);
}

EXPORT int execlp(const char *file, const char *arg, ...)
{
	COUNT_ARGS(argc, arg);
	char *argv[argc + 1];
	struct exec x;
	va_list ap;

	va_start(ap, arg);
	take_args(argv, argc, arg, &ap);
	va_end(ap);
	exec_begin(&x, file);
	REAL(execvp)(file, argv);
	return exec_failed(&x);
}

EXPORT int execle(const char *path, const char *arg, ...)
{
	COUNT_ARGS(argc, arg);
	char *argv[argc + 1], **envp;
	struct exec x;
	va_list ap;

	va_start(ap, arg);
	take_args(argv, argc, arg, &ap);
	envp = va_arg(ap, char **);
	va_end(ap);
	exec_begin(&x, path);
	REAL(execve)(path, argv, envp);
	return exec_failed(&x);
}

/* ---- ends
 * -----------------------------------------------------------------------------------------------------------------------
 */

EXPORT void exit(int status)
{
	IN_HANDLER("exit", 0);
	struct thread *t = scope_enter();

	if (t) {
		timers_watch(t, CALLER_SP(), CALL_none, -1, 0);
		tool_exiting(status);
	}
	REAL(exit)(status);
	__builtin_unreachable();
}

EXPORT void _exit(int status)
{
	struct thread *t = scope_enter();

	if (t)
		tool_end(t, "_exit", status & 0xff);
	REAL(_exit)(status);
	__builtin_unreachable();
}

EXPORT void _Exit(int status)
{
	struct thread *t = scope_enter();

	if (t)
		tool_end(t, "_exit", status & 0xff);
	REAL(_Exit)(status);
	__builtin_unreachable();
}

EXPORT void quick_exit(int status)
{
	struct thread *t = scope_enter();

	if (t)
		tool_end(t, "_exit", status & 0xff);
	REAL(quick_exit)(status);
	__builtin_unreachable();
}

/* A handler of SIGABRT may write, or jump away: then it isn't the end, and what comes of it is told
 * by whoever waits for the process. */
EXPORT void abort(void)
{
	struct thread *t = scope_enter();
	struct {
		void *handler;
		unsigned long flags, restorer, mask;
	} act = {0};

	if (t && sys_call(SYS_rt_sigaction, SIGABRT, 0, &act, 8) == 0 &&
	    (act.handler == (void *)SIG_DFL || act.handler == (void *)SIG_IGN))
		tool_end(t, "abort", SIGABRT);
	REAL(abort)();
	__builtin_unreachable();
}
