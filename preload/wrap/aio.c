/* SPDX-License-Identifier: MIT */
/*
 * Owns: waiting for asynchronous I/O. The requests themselves are carried out by threads of libc's
 * own, unseen.
 */
#include <aio.h>

#include "wrap/block.h"

static u32 flags_of(const struct timespec *to)
{
	return !to ? 0 : to->tv_sec || to->tv_nsec ? WF_TIMED : WF_TIMED | WF_NONBLOCK;
}

EXPORT int aio_suspend(const struct aiocb *const list[], int n, const struct timespec *to)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_aio_suspend, -1, flags_of(to), CALLER_PC(), CALLER_SP());
	r = REAL(aio_suspend)(list, n, to);
	block_leave(&b);
	return r;
}

EXPORT int aio_suspend64(const struct aiocb64 *const list[], int n, const struct timespec *to)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_aio_suspend, -1, flags_of(to), CALLER_PC(), CALLER_SP());
	r = REAL(aio_suspend64)(list, n, to);
	block_leave(&b);
	return r;
}

EXPORT int lio_listio(int mode, struct aiocb *const list[restrict], int n,
		      struct sigevent *restrict event)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_lio_listio, -1, mode == LIO_WAIT ? 0 : WF_NONBLOCK, CALLER_PC(),
			  CALLER_SP());
	r = REAL(lio_listio)(mode, list, n, event);
	block_leave(&b);
	return r;
}

EXPORT int lio_listio64(int mode, struct aiocb64 *const list[restrict], int n,
			struct sigevent *restrict event)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_lio_listio, -1, mode == LIO_WAIT ? 0 : WF_NONBLOCK, CALLER_PC(),
			  CALLER_SP());
	r = REAL(lio_listio64)(mode, list, n, event);
	block_leave(&b);
	return r;
}
