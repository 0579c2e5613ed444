/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls of System V semaphores and message queues that block. Their objects are the
 * system's, not the process's: no rows.
 */
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "wrap/block.h"

/* Can't block if each operation that could is told not to. */
static u32 flags_of(const struct sembuf *ops, size_t n)
{
	for (size_t i = 0; ops && i < n && i < 64; i++)
		if (ops[i].sem_op <= 0 && !(ops[i].sem_flg & IPC_NOWAIT))
			return 0;
	return WF_NONBLOCK;
}

EXPORT int semop(int id, struct sembuf *ops, size_t n)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_semop, -1, flags_of(ops, n), CALLER_PC(), CALLER_SP());
	rc = REAL(semop)(id, ops, n);
	block_leave(&b);
	return rc;
}

EXPORT int semtimedop(int id, struct sembuf *ops, size_t n, const struct timespec *timeout)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_semop, -1, flags_of(ops, n) | (timeout ? WF_TIMED : 0),
			  CALLER_PC(), CALLER_SP());
	rc = REAL(semtimedop)(id, ops, n, timeout);
	block_leave(&b);
	return rc;
}

EXPORT int msgsnd(int id, const void *msg, size_t n, int flags)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_msgsnd, -1, flags & IPC_NOWAIT ? WF_NONBLOCK : 0, CALLER_PC(),
			  CALLER_SP());
	rc = REAL(msgsnd)(id, msg, n, flags);
	block_leave(&b);
	return rc;
}

EXPORT ssize_t msgrcv(int id, void *msg, size_t n, long type, int flags)
{
	struct block b;
	ssize_t got;

	block_enter_flags(&b, CALL_msgrcv, -1, flags & IPC_NOWAIT ? WF_NONBLOCK : 0, CALLER_PC(),
			  CALLER_SP());
	got = REAL(msgrcv)(id, msg, n, type, flags);
	block_leave(&b);
	return got;
}
