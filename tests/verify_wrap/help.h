/* SPDX-License-Identifier: MIT */
/*
 * What the lines of verify_wrap share. Everything runs in the child that a line has to itself.
 */
#ifndef VERIFY_WRAP_HELP_H
#define VERIFY_WRAP_HELP_H

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#include "real/decl.h"

#if defined(__x86_64__)
static inline long raw(long n, long a, long b, long c, long d)
{
	long r;
	register long r10 __asm__("r10") = d;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return r;
}
#else
#error "port: the system call instruction of this machine"
#endif

static char dir[64]; /* a fresh directory, the working one */
static int in, out;  /* a pipe that holds "hello\n" */
static int sv[2];    /* a pair of stream sockets, both with "hello\n" to read */
static struct timespec soon, long_ago, no_time;
static void *memory; /* a page, zeroed */

static inline void setup_line(void)
{
	int p[2], n = 0;

	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(dir, sizeof(dir), "line-%ld", raw(SYS_getpid, 0, 0, 0, 0));
	raw(SYS_mkdir, (long)dir, 0700, 0, 0);
	raw(SYS_chdir, (long)dir, 0, 0, 0);
	raw(SYS_pipe2, (long)p, 0, 0, 0);
	in = p[0], out = p[1];
	raw(SYS_write, out, (long)"hello\n", 6, 0);
	raw(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)sv);
	for (n = 0; n < 2; n++)
		raw(SYS_write, sv[n], (long)"hello\n", 6, 0);
	raw(SYS_clock_gettime, CLOCK_REALTIME, (long)&soon, 0, 0);
	soon.tv_sec += 5;
}

static volatile int handled;
static inline void note_signal(int sig)
{
	handled = sig;
}

/* The status with which a child that runs `body` ends; 256 + signal if by one. */
static inline int status_of(long pid)
{
	int status = 0;

	while (raw(SYS_wait4, pid, (long)&status, 0, 0) == -EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}
#define CHILD(...)                                                                                 \
	({                                                                                         \
		long child_ = raw(SYS_fork, 0, 0, 0, 0);                                           \
		if (child_ == 0) {                                                                 \
			__VA_ARGS__;                                                               \
			raw(SYS_exit_group, 99, 0, 0, 0);                                          \
		}                                                                                  \
		status_of(child_);                                                                 \
	})
/* A child that makes the process `pid` wait a moment's worth of work, then ends with 7. */
#define SLOW_CHILD()                                                                               \
	({                                                                                         \
		long child_ = raw(SYS_fork, 0, 0, 0, 0);                                           \
		if (child_ == 0)                                                                   \
			raw(SYS_exit_group, 7, 0, 0, 0);                                           \
		(pid_t) child_;                                                                    \
	})
static inline void nothing(int sig)
{
	(void)sig;
}
/* SIGUSR1 with a handler, pending behind a mask: whoever lets it in gets it at once. The set that
 * blocks it. */
static inline const sigset_t *pending_usr1(void)
{
	static sigset_t set;
	struct sigaction act = {.sa_handler = nothing};

	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raw(SYS_kill, raw(SYS_getpid, 0, 0, 0, 0), SIGUSR1, 0, 0);
	return &set;
}
static inline const sigset_t *empty_mask(void)
{
	static sigset_t set;

	pending_usr1();
	sigemptyset(&set);
	return &set;
}
/* A real SIGALRM, again and again from 5 ms on, with an empty handler: ends what waits for signals,
 * whenever it begins to. */
static inline void alarm_repeatedly(void)
{
	struct sigaction act = {.sa_handler = nothing};
	struct itimerval t = {.it_interval = {0, 5000}, .it_value = {0, 5000}};

	sigaction(SIGALRM, &act, NULL);
	raw(SYS_setitimer, ITIMER_REAL, (long)&t, 0, 0);
}
static inline int file(const char *name)
{
	int fd = (int)raw(SYS_open, (long)name, O_CREAT | O_RDWR | O_TRUNC, 0600, 0);

	raw(SYS_write, fd, (long)"hello\n", 6, 0);
	raw(SYS_lseek, fd, 0, SEEK_SET, 0);
	return fd;
}
static inline void *identity(void *arg)
{
	return arg;
}
static inline int c11_identity(void *arg)
{
	return (int)(long)arg;
}
static inline bool is_open(int fd)
{
	return raw(SYS_fcntl, fd, F_GETFD, 0, 0) >= 0;
}
static inline int clone_main(void *arg)
{
	return (int)(long)arg;
}
static inline void exit_with_11(void)
{
	raw(SYS_exit_group, 11, 0, 0, 0);
}
static char *raw_mapping;
static inline int in_zero(void)
{
	return (int)raw(SYS_open, (long)"/dev/zero", O_RDONLY, 0, 0);
}
static inline struct sockaddr_in localhost(void)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* ---- threads that the lines start ---- */
static inline void *exits(void *arg)
{
	(void)arg;
	pthread_exit(&out);
}
static inline int c11_exits(void *arg)
{
	(void)arg;
	thrd_exit(22);
}
static inline void *waits_for_ever(void *arg)
{
	int p[2];
	char c;

	raw(SYS_pipe2, (long)p, 0, 0, 0);
	return read(p[0], &c, 1) == 1 ? arg : NULL;
}
static int runs;
static inline void count_run(void)
{
	runs++;
}
struct signaller {
	pthread_mutex_t *m;
	pthread_cond_t *c;
	int (*signal)(pthread_cond_t *);
	volatile bool heard;
};
static inline void *signals(void *arg)
{
	struct signaller *s = arg;

	while (!s->heard) {
		pthread_mutex_lock(s->m);
		s->signal(s->c);
		pthread_mutex_unlock(s->m);
		raw(SYS_sched_yield, 0, 0, 0, 0);
	}
	return NULL;
}
struct c11_signaller {
	mtx_t *m;
	cnd_t *c;
	int (*signal)(cnd_t *);
	volatile bool heard;
};
static inline int c11_signals(void *arg)
{
	struct c11_signaller *s = arg;

	while (!s->heard) {
		mtx_lock(s->m);
		s->signal(s->c);
		mtx_unlock(s->m);
		raw(SYS_sched_yield, 0, 0, 0, 0);
	}
	return 0;
}

/* ---- files and sockets ---- */
static inline int mode_of(const char *name)
{
	struct stat st;

	return raw(SYS_stat, (long)name, (long)&st, 0, 0) < 0 ? -1 : (int)(st.st_mode & 07777);
}
static struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = "socket"};
static inline int bound(void)
{
	int s = (int)raw(SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0);

	raw(SYS_bind, s, (long)&here, sizeof(here), 0);
	return s;
}
/* A listening socket with a caller in its queue. */
static inline int calling(void)
{
	int s = bound();

	raw(SYS_listen, s, 5, 0, 0);
	raw(SYS_connect, raw(SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0), (long)&here, sizeof(here), 0);
	return s;
}
static inline bool passes_descriptor(void)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	char byte = 'x';
	struct iovec v = {&byte, 1};
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c)};
	int s[2], got = -1;

	c.h = (struct cmsghdr){
	    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&c.h), &in, sizeof(int));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0 || sendmsg(s[0], &m, 0) != 1 ||
	    recvmsg(s[1], &m, 0) != 1)
		return false;
	memcpy(&got, CMSG_DATA(&c.h), sizeof(int));
	return got >= 0 && got != in && is_open(got);
}
static inline struct aiocb request(void)
{
	static char buf[6];

	return (struct aiocb){.aio_fildes = file("f"), .aio_buf = buf, .aio_nbytes = 6};
}

/* ---- streams ---- */
static inline bool holds(const char *name, const char *text)
{
	char b[64];
	int fd = (int)raw(SYS_open, (long)name, O_RDONLY, 0, 0);
	long n = raw(SYS_read, fd, (long)b, sizeof(b), 0);

	return n == (long)strlen(text) && memcmp(b, text, (size_t)n) == 0;
}
#define BY_LIST(V)                                                                                 \
	V(vfscanf, vfscanf(f, fmt, ap))                                                            \
	V(vscanf, vscanf(fmt, ap))                                                                 \
	V(__isoc99_vfscanf, __isoc99_vfscanf(f, fmt, ap))                                          \
	    V(__isoc99_vscanf, __isoc99_vscanf(fmt, ap)) V(__isoc23_vfscanf,                       \
							   __isoc23_vfscanf(f, fmt, ap))           \
		V(__isoc23_vscanf, __isoc23_vscanf(fmt, ap)) V(vfprintf, vfprintf(f, fmt, ap))     \
		    V(vprintf, vprintf(fmt, ap)) V(__vfprintf_chk, __vfprintf_chk(f, 1, fmt, ap))  \
			V(__vprintf_chk, __vprintf_chk(1, fmt, ap))                                \
			    V(_IO_vfprintf, _IO_vfprintf(f, fmt, ap))                              \
				V(vdprintf, vdprintf(fileno(f), fmt, ap))                          \
				    V(__vdprintf_chk, __vdprintf_chk(fileno(f), 1, fmt, ap))
#define LIST_ID(name, call) CALL_##name,
enum by_list { BY_LIST(LIST_ID) };
static int by_list(enum by_list which, FILE *f, const char *fmt, ...)
{
	va_list ap;
	int r = -2;

	va_start(ap, fmt);
	switch (which) {
#define LIST_CALL(name, call)                                                                      \
	case CALL_##name:                                                                          \
		r = call;                                                                          \
		break;
		BY_LIST(LIST_CALL)
	}
	va_end(ap);
	return r;
}
/* A function that this libc may be too old for: then nothing can be bound to it here. */
#define HERE(name, ...)                                                                            \
	(dlsym(dlopen("libc.so.6", RTLD_NOLOAD | RTLD_LAZY), #name) ? (__VA_ARGS__)                \
								    : ((*entered = 1), true))

/* ---- C++: its library comes while we run ---- */
static inline void *cxx(void)
{
	return dlopen("libstdc++.so.6", RTLD_NOW | RTLD_GLOBAL);
}
static inline void *cxx_new(size_t n)
{
	return ((void *(*)(size_t))dlsym(cxx(), "_Znwm"))(n);
}
static inline void *cxx_new_aligned(size_t n)
{
	return ((void *(*)(size_t, size_t))dlsym(cxx(), "_ZnwmSt11align_val_t"))(n, 64);
}
static volatile size_t huge = SIZE_MAX; /* hidden from the compiler */
struct letter {
	long type;
	char text[8];
};

#endif
