/* SPDX-License-Identifier: MIT */
/*
 * System calls without libc's wrappers: they touch no errno, are no cancellation points and can't
 * lead back into our own exports. Return what the kernel returns: a result, or -errno. Signal-safe.
 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <errno.h>
#include <stdbool.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

/* Set when the program installs a seccomp filter, for good: a filter may kill for what the program
 * itself would never call (OpenSSH's does for fcntl). From then on only what the strictest of
 * filters in use allow goes to the kernel; everything else is -EPERM, as if it had refused. */
extern bool sys_confined_now __attribute__((visibility("hidden")));
static inline bool sys_confined_may(long n)
{
	return n == SYS_read || n == SYS_write || n == SYS_close || n == SYS_mmap ||
	       n == SYS_munmap || n == SYS_futex || n == SYS_rt_sigprocmask ||
	       n == SYS_clock_gettime || n == SYS_getpid || n == SYS_gettid || n == SYS_getppid;
}

#if defined(__x86_64__)
static inline long sys_call_raw(long n, long a, long b, long c, long d, long e, long f)
{
	long r;
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
static inline long sys_call_raw(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
			 x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "port: the system call instruction of this machine"
#endif
static inline long sys_call6(long n, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_expect(sys_confined_now, 0) && !sys_confined_may(n))
		return -EPERM;
	return sys_call_raw(n, a, b, c, d, e, f);
}
#define sys_call(n, a, b, c, d) sys_call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static inline int sys_open(const char *path, int flags, int mode)
{
	return (int)sys_call(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}
static inline int sys_close(int fd)
{
	return (int)sys_call(SYS_close, fd, 0, 0, 0);
}
static inline long sys_read(int fd, void *buf, unsigned long n)
{
	long r;

	do
		r = sys_call(SYS_read, fd, buf, n, 0);
	while (r == -EINTR);
	return r;
}
/* Writes all of it unless an error comes; 0 or -errno. */
static inline int sys_write_all(int fd, const void *buf, unsigned long n)
{
	while (n) {
		long r = sys_call(SYS_write, fd, buf, n, 0);

		if (r == -EINTR)
			continue;
		if (r < 0)
			return (int)r;
		buf = (const char *)buf + r;
		n -= (unsigned long)r;
	}
	return 0;
}
/* An address, or -errno as a pointer: test with sys_failed(). */
static inline void *sys_mmap(void *at, unsigned long len, int prot, int flags, int fd,
			     unsigned long off)
{
	return (void *)sys_call6(SYS_mmap, (long)at, (long)len, prot, flags, fd, (long)off);
}
static inline bool sys_failed(const void *p)
{
	return (uintptr_t)p > (uintptr_t)-4096;
}
static inline int sys_munmap(void *at, unsigned long len)
{
	return (int)sys_call(SYS_munmap, at, len, 0, 0);
}
static inline int sys_gettid(void)
{
	return (int)sys_call(SYS_gettid, 0, 0, 0, 0);
}
static inline int sys_getpid(void)
{
	return (int)sys_call(SYS_getpid, 0, 0, 0, 0);
}
static inline long sys_futex(unsigned *word, int op, unsigned val, const struct timespec *to)
{
	return sys_call(SYS_futex, word, op, val, to);
}

/* glibc keeps two signals for itself. A thread that blocks 33 (setxid) stops setuid() in others. 32
 * (cancel) is put off like the rest: a thread whose cancellation is asynchronous (redis's main
 * thread is one) is not torn out of our tables while they are being changed. */
#define KERNEL_SIGSET_ALL (~0ull & ~(1ull << 32))
static inline void sys_block_signals(uint64_t *old)
{
	uint64_t all = KERNEL_SIGSET_ALL;

	sys_call(SYS_rt_sigprocmask, SIG_BLOCK, &all, old, 8);
}
static inline void sys_restore_signals(const uint64_t *old)
{
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, old, 0, 8);
}

#endif
