/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the program asks of the kernel through syscall(). wrap/vfork.S brings all but clones
 * here, with the arguments as the caller laid them out. Calls that make or drop descriptors, wait
 * on futexes, replace or end the process are noted; all others pass. Never a cancellation point, as
 * libc's is none. Signal-safe.
 */
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/sys.h"
#include "init.h"
#include "state/order.h"
#include "state/stacks.h"
#include "trace/event.h"
#include "wrap/block.h"

/* Numbers are the same on all machines from here on; older headers lack the last ones. */
enum {
	NR_pidfd_open = 434,
	NR_close_range = 436,
	NR_openat2 = 437,
	NR_pidfd_getfd = 438,
	NR_futex_waitv = 449,
	NR_memfd_secret = 447,
	NR_io_uring_setup = 425,
	NR_fsopen = 430,
	NR_fsmount = 432,
	NR_fspick = 433,
	NR_open_tree = 428,
	NR_landlock_create_ruleset = 444
};

static const struct maker {
	u16 nr;
	u8 kind;
} makers[] = {
#ifdef SYS_open
    {SYS_open, FDK_file},
    {SYS_creat, FDK_file},
    {SYS_eventfd, FDK_eventfd},
    {SYS_epoll_create, FDK_epoll},
    {SYS_inotify_init, FDK_inotify},
    {SYS_signalfd, FDK_signalfd},
#endif
    {SYS_openat, FDK_file},
    {NR_openat2, FDK_file},
    {SYS_socket, FDK_socket},
    {SYS_accept, FDK_socket},
    {SYS_accept4, FDK_socket},
    {SYS_eventfd2, FDK_eventfd},
    {SYS_epoll_create1, FDK_epoll},
    {SYS_inotify_init1, FDK_inotify},
    {SYS_signalfd4, FDK_signalfd},
    {SYS_memfd_create, FDK_memfd},
    {NR_memfd_secret, FDK_memfd},
    {SYS_timerfd_create, FDK_timerfd},
    {NR_pidfd_open, FDK_pidfd},
    {NR_pidfd_getfd, FDK_dup},
    {SYS_fanotify_init, FDK_fanotify},
    {SYS_mq_open, FDK_mqueue},
    {SYS_dup, FDK_dup},
    {SYS_userfaultfd, FDK_unknown},
    {SYS_perf_event_open, FDK_unknown},
    {SYS_bpf, FDK_unknown},
    {NR_io_uring_setup, FDK_unknown},
    {NR_fsopen, FDK_unknown},
    {NR_fsmount, FDK_unknown},
    {NR_fspick, FDK_unknown},
    {NR_open_tree, FDK_unknown},
    {SYS_open_by_handle_at, FDK_file},
    {NR_landlock_create_ruleset, FDK_unknown},
};

struct args {
	long n, a, b, c, d, e, f;
};

static inline long forward(const struct args *x)
{
	return REAL(syscall)(x->n, x->a, x->b, x->c, x->d, x->e, x->f);
}

long syscall_failed(long r)
{
	errno = (int)-r;
	return -1;
}

static void born(struct thread *t, int fd, enum fd_kind kind, int peer)
{
	struct fd_birth b = {.kind = kind, .peer = peer};

	fd_born(t, fd, &b);
}

/* bpf() returns descriptors from some of its commands only. */
static bool makes(const struct args *x, const struct maker *m)
{
	enum { BPF_MAP_CREATE = 0, BPF_PROG_LOAD = 5 };

	return m->nr != SYS_bpf || x->a == BPF_MAP_CREATE || x->a == BPF_PROG_LOAD;
}

static long make(struct thread *t, const struct args *x, const struct maker *m)
{
	long r = forward(x);

	if (r >= 0 && makes(x, m) && !(m->nr == SYS_signalfd4 && x->a >= 0))
		born(t, (int)r, m->kind, -1);
	return r;
}

static long make_pair(struct thread *t, const struct args *x, const int *fds, enum fd_kind kind)
{
	long r = forward(x);

	if (r == 0) {
		born(t, fds[0], kind, fds[1]);
		born(t, fds[1], kind, fds[0]);
	}
	return r;
}

static long close_one(struct thread *t, const struct args *x)
{
	if (fd_is_ours((int)x->a))
		return syscall_failed(-EBADF);
	fd_died(t, (int)x->a);
	return forward(x);
}

static long dup_onto(struct thread *t, const struct args *x)
{
	long r;

	if (fd_is_ours((int)x->a))
		return syscall_failed(-EBADF);
	fd_make_way((int)x->b);
	r = forward(x);
	if (r >= 0 && x->a != x->b)
		born(t, (int)r, FDK_dup, -1);
	return r;
}

static long control(struct thread *t, const struct args *x)
{
	long r;

	if (fd_is_ours((int)x->a))
		return syscall_failed(-EBADF);
	r = forward(x);
	if (r >= 0 && (x->b == F_DUPFD || x->b == F_DUPFD_CLOEXEC))
		born(t, (int)r, FDK_dup, -1);
	return r;
}

/* Around ours, piece by piece. */
static long close_between(struct thread *t, const struct args *x)
{
	unsigned from = (unsigned)x->a, to = (unsigned)x->b, n = state->table[TABLE_fd].used;
	struct args y = *x;
	long r = 0;

	if (from > to || (x->c & ~(long)CLOSE_RANGE_CLOEXEC))
		return forward(x); /* an error; or an unshared table, in which ours may go */
	for (unsigned fd = from; fd <= to && fd < n && !x->c; fd++)
		if (!fd_is_ours((int)fd))
			fd_died(t, (int)fd);
	for (;;) {
		unsigned end = fd_ours_next(from);

		y.a = from;
		y.b = end <= to ? (long)end - 1 : (long)to;
		if (end > from && (r = forward(&y)) < 0)
			return r;
		if (end >= to)
			return r;
		from = end + 1;
	}
}

static bool futex_waits(int op)
{
	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_WAIT_REQUEUE_PI:
	case 13: /* FUTEX_LOCK_PI2 */
		return true;
	}
	return false;
}

/* An order of the program that is not known as such: rules that rest on missing order say so. */
static void futex_seen(void)
{
	static bool said;

	if (!__atomic_load_n(&said, __ATOMIC_RELAXED) &&
	    !__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		event_blind("futex", "this program synchronises by futexes of its own; what order "
				     "they make is not known");
}

/* Waiting or waking: what comes before what in this thread is not known any more. */
static void futex_orders(void)
{
	struct thread *t = scope_fast();

	if (t && !t->order.opaque)
		order_opaque(t);
}

static long futex(const struct args *x, u64 addr, bool timed, uintptr_t pc, uintptr_t sp)
{
	struct block b;
	long r;
	int e;

	/* libstdc++'s guards wait by this call, inside one that says better what for (wrap/once.c).
	 */
	if (thread_self && thread_self->live && thread_self->live->wait_call == CALL_cxa_guard)
		return forward(x);
	futex_seen();
	block_enter_flags(&b, CALL_futex, -1, timed ? WF_TIMED : 0, pc, sp);
	if (b.t)
		b.t->live->wait_addr = addr;
	r = forward(x);
	e = errno;
	block_leave(&b);
	errno = e;
	return r;
}

static long replace(struct thread *t, const struct args *x, const char *path)
{
	int e;

	tool_exec(t, path, 0);
	forward(x);
	e = errno;
	tool_exec(t, path, e);
	errno = e;
	return -1;
}

static const struct maker *maker_of(long n)
{
	for (unsigned i = 0; i < ARRAY_SIZE(makers); i++)
		if (makers[i].nr == n)
			return &makers[i];
	return NULL;
}

static long observed(struct thread *t, const struct args *x, uintptr_t pc, uintptr_t sp)
{
	const struct maker *m;

	switch (x->n) {
	case SYS_futex:
		futex_orders();
		return futex_waits((int)x->b) ? futex(x, (u64)x->a, x->d != 0, pc, sp) : forward(x);
	case NR_futex_waitv:
		return futex(x, (u64)x->a, x->d != 0, pc, sp);
	case SYS_close:
		return close_one(t, x);
	case NR_close_range:
		return close_between(t, x);
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		return dup_onto(t, x);
	case SYS_fcntl:
		return control(t, x);
#ifdef SYS_pipe
	case SYS_pipe:
#endif
	case SYS_pipe2:
		return make_pair(t, x, (const int *)x->a, FDK_pipe);
	case SYS_socketpair:
		return make_pair(t, x, (const int *)x->d, FDK_socketpair);
	case SYS_execve:
		return replace(t, x, (const char *)x->a);
	case SYS_execveat:
		return replace(t, x, (const char *)x->b);
	case SYS_exit_group:
		tool_end(t, "_exit", (int)x->a & 0xff);
		return forward(x);
	case SYS_exit:
		thread_end(t);
		return forward(x);
	case SYS_seccomp:
		if (x->a == SECCOMP_SET_MODE_STRICT || x->a == SECCOMP_SET_MODE_FILTER)
			tool_sandboxed();
		return forward(x);
	case SYS_prctl:
		if (x->a == PR_SET_SECCOMP)
			tool_sandboxed();
		return forward(x);
	}
	m = maker_of(x->n);
	return m ? make(t, x, m) : forward(x);
}

long syscall_observed(long n, long a, long b, long c, long d, long e, long f)
{
	struct args x = {n, a, b, c, d, e, f};
	struct thread *t = scope_enter();

	return t ? observed(t, &x, CALLER_PC(), CALLER_SP()) : forward(&x);
}
