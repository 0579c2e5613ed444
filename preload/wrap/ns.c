/* SPDX-License-Identifier: MIT */
/*
 * Owns: prctl, for the one request that concerns the tool: a seccomp filter may kill the process
 * for calls of ours (G28), so it is noticed before it is installed; and changes of namespace, after
 * which names and numbers mean something else. chroot and new identities change nothing of what is
 * mapped already and aren't wrapped.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "init.h"
#include "real/real.h"
#include "trace/event.h"

EXPORT int prctl(int option, ...)
{
	unsigned long a, b, c, d;
	va_list ap;

	va_start(ap, option); /* libc's own takes all four, passed or not */
	a = va_arg(ap, unsigned long);
	b = va_arg(ap, unsigned long);
	c = va_arg(ap, unsigned long);
	d = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_SECCOMP && scope_enter())
		tool_sandboxed();
	return REAL(prctl)(option, a, b, c, d);
}

static int moved(struct thread *t, int rc, int kinds)
{
	int e = errno;

	if (t && rc == 0 &&
	    (kinds == 0 || (kinds & (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET))))
		event_blind("namespace", "setns() or unshare(): paths, pids and descriptors' peers "
					 "from here on are another namespace's");
	errno = e;
	return rc;
}

EXPORT int setns(int fd, int kinds)
{
	struct thread *t = scope_enter();

	return moved(t, REAL(setns)(fd, kinds), kinds);
}

EXPORT int unshare(int flags)
{
	struct thread *t = scope_enter();

	return flags ? moved(t, REAL(unshare)(flags), flags) : REAL(unshare)(flags);
}
