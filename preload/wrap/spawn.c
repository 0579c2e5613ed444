/* SPDX-License-Identifier: MIT */
/*
 * Owns: posix_spawn and clone. What spawn's file actions do happens in the child, unseen; libc
 * waits for the exec, so nothing of it touches us. A clone()d process is noticed by its own first
 * call (scope_enter_slow); one that shares our memory without thread-local state of its own would
 * run on the caller's record: the caller passes through meanwhile.
 */
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>

#include "real/real.h"
#include "state/stacks.h"
#include "trace/event.h"

static void spawned(struct thread *t, int rc, const pid_t *pid)
{
	if (t && rc == 0)
		event_fork(t->serial, pid ? *pid : 0, "spawn", stack_here(t));
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	struct thread *t = scope_enter();
	pid_t child = 0;
	int rc = REAL(posix_spawn)(&child, path, actions, attr, argv, envp);

	if (rc == 0 && pid)
		*pid = child;
	spawned(t, rc, &child);
	return rc;
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	struct thread *t = scope_enter();
	pid_t child = 0;
	int rc = REAL(posix_spawnp)(&child, file, actions, attr, argv, envp);

	if (rc == 0 && pid)
		*pid = child;
	spawned(t, rc, &child);
	return rc;
}

/* Shares everything but has no TLS: both flows of control would be one thread to us. */
static bool shares_record(int flags)
{
	return (flags & CLONE_VM) && !(flags & CLONE_SETTLS);
}

static COLD void clone_blind(struct thread *t)
{
	event_blind("clone", "a thread made by clone() without thread-local storage runs on its "
			     "maker's: both pass unobserved from here");
	t->vforked = UINT8_MAX / 2;
	thread_pause(t);
}

EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	struct thread *t = scope_enter();
	bool shared = t && shares_record(flags), waits = shared && (flags & CLONE_VFORK);
	void *parent_tid, *tls, *child_tid;
	va_list ap;
	int pid;

	va_start(ap, arg); /* what the caller did not pass is not read by the kernel either */
	parent_tid = va_arg(ap, void *);
	tls = va_arg(ap, void *);
	child_tid = va_arg(ap, void *);
	va_end(ap);
	if (waits) {
		t->vforked++;
		thread_pause(t);
	} else if (shared) {
		clone_blind(t);
	}
	pid = REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
	if (waits && --t->vforked == 0)
		thread_resume(t);
	if (t && t->live && pid > 0 && !(flags & CLONE_THREAD))
		event_fork(t->serial, pid, waits ? "vfork" : "clone", stack_here(t));
	return pid;
}
EXPORT int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
    __attribute__((alias("clone"), copy(clone)));
