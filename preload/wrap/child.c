/* SPDX-License-Identifier: MIT */
/*
 * Owns: waiting for children: wait*, system. Cancellation points; nothing is allocated.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "detect/handlers.h"
#include "wrap/block.h"

static u32 flags_of(int options)
{
	return options & WNOHANG ? WF_NONBLOCK : 0;
}

EXPORT pid_t wait(int *status)
{
	struct block b;
	pid_t r;

	block_enter(&b, CALL_wait, -1, CALLER_PC(), CALLER_SP());
	r = REAL(wait)(status);
	block_leave(&b);
	return r;
}

EXPORT pid_t __wait(int *status) __attribute__((alias("wait"), copy(wait)));

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
	struct block b;
	pid_t r;

	block_enter_flags(&b, CALL_waitpid, -1, flags_of(options), CALLER_PC(), CALLER_SP());
	r = REAL(waitpid)(pid, status, options);
	block_leave(&b);
	return r;
}

EXPORT pid_t __waitpid(pid_t pid, int *status, int options)
    __attribute__((alias("waitpid"), copy(waitpid)));

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_waitid, -1, flags_of(options), CALLER_PC(), CALLER_SP());
	r = REAL(waitid)(type, id, info, options);
	block_leave(&b);
	return r;
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	struct block b;
	pid_t r;

	block_enter_flags(&b, CALL_wait3, -1, flags_of(options), CALLER_PC(), CALLER_SP());
	r = REAL(wait3)(status, options, usage);
	block_leave(&b);
	return r;
}

EXPORT pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	struct block b;
	pid_t r;

	block_enter_flags(&b, CALL_wait4, -1, flags_of(options), CALLER_PC(), CALLER_SP());
	r = REAL(wait4)(pid, status, options, usage);
	block_leave(&b);
	return r;
}

EXPORT int system(const char *command)
{
	struct block b;
	int r;

	if (!command)
		return REAL(system)(NULL);
	IN_HANDLER("system", 0);
	block_enter(&b, CALL_system, -1, CALLER_PC(), CALLER_SP());
	r = REAL(system)(command);
	block_leave(&b);
	return r;
}
