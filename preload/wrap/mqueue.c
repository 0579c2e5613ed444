/* SPDX-License-Identifier: MIT */
/*
 * Owns: mq_*. A queue's descriptor is a descriptor of the kernel: it has a row there, of kind
 * mqueue; who sends and who receives is in the role table, by number and generation.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "base/sys.h"
#include "detect/bad_fd.h"
#include "detect/fd_exhaustion.h"
#include "state/fds.h"
#include "state/queues.h"
#include "state/roles.h"
#include "wrap/block.h"
#include "wrap/ordering.h"

static int64_t second_now(void)
{
	struct timespec ts;

	return sys_call(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &ts, 0, 0) < 0 ? INT64_MAX
										 : ts.tv_sec;
}

/* Is the queue behind `q` younger than `before`? It carries its birth in all three of its times,
 * to the second; a use moves only two. */
static bool is_new(mqd_t q, int64_t before)
{
	struct stat st;

	return sys_call(SYS_fstat, q, &st, 0, 0) == 0 && st.st_atim.tv_sec >= before &&
	       st.st_mtim.tv_sec >= before && st.st_ctim.tv_sec >= before;
}

/* It opened the queue NAME, or failed to. `before`: the second in which that
 * began; only O_CREAT may have made it. */
static void opened(struct thread *t, mqd_t q, const char *name, int flags, int64_t before)
{
	struct st_fd *f;
	int access = flags & O_ACCMODE;
	struct fd_birth b = {.kind = FDK_mqueue,
			     .peer = -1,
			     .flags = FF_CLOEXEC | (flags & O_NONBLOCK ? FF_NONBLOCK : 0)};

	if (!t)
		return;
	b.flags |= access == O_RDONLY ? FF_RDONLY : access == O_WRONLY ? FF_WRONLY : 0;
	if (q < 0) {
		fd_exhaustion_failed(t, FDK_mqueue, errno);
		return;
	}
	f = fd_born(t, q, &b);
	if (f)
		f->queue =
		    queue_opened(t, name, flags & O_CREAT && (flags & O_EXCL || is_new(q, before)));
}

EXPORT mqd_t mq_open(const char *name, int flags, ...)
{
	struct thread *t = scope_enter();
	struct mq_attr *attr = NULL;
	int64_t before = t && flags & O_CREAT ? second_now() : 0;
	mode_t mode = 0;
	va_list ap;
	mqd_t q;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		attr = va_arg(ap, struct mq_attr *);
		va_end(ap);
	}
	q = REAL(mq_open)(name, flags, mode, attr);
	opened(t, q, name, flags, before);
	return q;
}

EXPORT mqd_t __mq_open_2(const char *name, int flags)
{
	struct thread *t = scope_enter();
	mqd_t q = REAL(__mq_open_2)(name, flags);

	opened(t, q, name, flags, 0);
	return q;
}

EXPORT int mq_close(mqd_t q)
{
	struct thread *t = scope_enter();
	struct st_fd *f;
	bool was_open;
	int rc, e;

	if (fd_is_ours(q)) {
		errno = EBADF;
		return -1;
	}
	f = t ? fd_get(q) : NULL;
	was_open = f && f->open;
	if (was_open) {
		role_note(t, ROLE_MQ, (u32)q, f->gen, ROLE_CLOSES);
		bad_fd_closing(t, f, 0, CALLER_PC());
		fd_died(t, q);
	}
	rc = REAL(mq_close)(q);
	e = errno;
	if (rc < 0 && was_open)
		fd_revive(q);
	else if (rc < 0 && t && e == EBADF)
		bad_fd_closed(t, q, CALLER_PC());
	errno = e;
	return rc;
}

EXPORT int mq_unlink(const char *name)
{
	struct thread *t = scope_enter();
	int rc = REAL(mq_unlink)(name);

	if (t && rc == 0)
		queue_removed(name);
	return rc;
}

EXPORT int mq_setattr(mqd_t q, const struct mq_attr *restrict to, struct mq_attr *restrict old)
{
	struct thread *t = scope_enter();
	int rc = REAL(mq_setattr)(q, to, old);
	struct st_fd *f = t && rc == 0 ? fd_get(q) : NULL;

	if (f && f->open)
		f->flags =
		    (f->flags & ~(u32)FF_NONBLOCK) | (to->mq_flags & O_NONBLOCK ? FF_NONBLOCK : 0);
	return rc;
}

EXPORT int mq_notify(mqd_t q, const struct sigevent *ev)
{
	return REAL(mq_notify)(q, ev);
}

/* ---- messages
 * ------------------------------------------------------------------------------------------------------------------
 */

static void begin(struct block *b, u32 call, mqd_t q, u32 flags, uintptr_t pc, uintptr_t sp)
{
	struct st_fd *f = state ? fd_get(q) : NULL;

	block_enter_flags(b, call, q, flags | (f && f->flags & FF_NONBLOCK ? WF_NONBLOCK : 0), pc,
			  sp);
	if (!b->t || !f || !f->open)
		return;
	fd_used(b->t, q, call == CALL_mq_send ? ROLE_SENDS : ROLE_RECEIVES);
	role_note(b->t, ROLE_MQ, (u32)q, f->gen, call == CALL_mq_send ? ROLE_SENDS : ROLE_RECEIVES);
	if (call == CALL_mq_send)
		ordering_sends(b->t, f);
}

static void done(struct block *b, mqd_t q, long rc)
{
	int e = errno;

	block_leave(b);
	if (b->t && b->t == thread_self && rc >= 0 && b->call == CALL_mq_receive && fd_get(q))
		ordering_received(b->t, fd_get(q));
	if (unlikely(rc < 0 && e == EBADF) && b->t && b->t == thread_self && !fd_is_open(q))
		bad_fd_used(b->t, q);
	errno = e;
}

EXPORT int mq_send(mqd_t q, const char *msg, size_t n, unsigned prio)
{
	struct block b;
	int rc;

	begin(&b, CALL_mq_send, q, 0, CALLER_PC(), CALLER_SP());
	rc = REAL(mq_send)(q, msg, n, prio);
	done(&b, q, rc);
	return rc;
}

EXPORT int mq_timedsend(mqd_t q, const char *msg, size_t n, unsigned prio,
			const struct timespec *abs)
{
	struct block b;
	int rc;

	begin(&b, CALL_mq_send, q, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = REAL(mq_timedsend)(q, msg, n, prio, abs);
	done(&b, q, rc);
	return rc;
}

EXPORT ssize_t mq_receive(mqd_t q, char *msg, size_t n, unsigned *prio)
{
	struct block b;
	ssize_t got;

	begin(&b, CALL_mq_receive, q, 0, CALLER_PC(), CALLER_SP());
	got = REAL(mq_receive)(q, msg, n, prio);
	done(&b, q, got);
	return got;
}

EXPORT ssize_t mq_timedreceive(mqd_t q, char *restrict msg, size_t n, unsigned *restrict prio,
			       const struct timespec *restrict abs)
{
	struct block b;
	ssize_t got;

	begin(&b, CALL_mq_receive, q, WF_TIMED, CALLER_PC(), CALLER_SP());
	got = REAL(mq_timedreceive)(q, msg, n, prio, abs);
	done(&b, q, got);
	return got;
}
