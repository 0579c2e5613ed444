/* SPDX-License-Identifier: MIT */
/*
 * Owns: prctl, for the one request that concerns the tool: a seccomp filter may kill the process for calls of ours (G28). Must be noticed
 * before it is installed. Namespaces, chroot and identities change nothing of what is mapped already and aren't wrapped.
 */
#include <stdarg.h>
#include <sys/prctl.h>

#include "init.h"
#include "real/real.h"

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
