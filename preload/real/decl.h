/* SPDX-License-Identifier: MIT */
/*
 * Declarations of everything in symbols.def: libc's headers, and those entry points no header declares (fortified and internal forms).
 */
#ifndef REAL_DECL_H
#define REAL_DECL_H

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sys/resource.h>
#include <spawn.h>
#include <signal.h>
#include <sys/prctl.h>
#include <netdb.h>
#include <pwd.h>
#include <grp.h>
#include <unistd.h>
#include <time.h>
#include <sys/time.h>
#include <sys/timerfd.h>

extern int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
			     void (*rtld_fini)(void), void *stack_end);

extern int __cxa_guard_acquire(uint64_t *guard);
extern void __cxa_guard_release(uint64_t *guard);
extern void __cxa_guard_abort(uint64_t *guard);

/* descriptors: headers, and the forms that no header declares */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>

extern __typeof__(close) __close;
extern __typeof__(dup2) __dup2;
extern __typeof__(fcntl) __fcntl;
extern __typeof__(pipe) __pipe;
extern __typeof__(open) __open;
extern __typeof__(open64) __open64;
extern __typeof__(read) __read;
extern __typeof__(write) __write;
extern __typeof__(pread64) __pread64;
extern __typeof__(pwrite64) __pwrite64;
extern __typeof__(socket) __socket;
extern __typeof__(connect) __connect;
extern __typeof__(recv) __recv;
extern __typeof__(send) __send;
extern __typeof__(sendmmsg) __sendmmsg;
extern __typeof__(poll) __poll;
extern __typeof__(select) __select;
extern int __open_2(const char *, int);
extern int __open64_2(const char *, int);
extern int __openat_2(int, const char *, int);
extern int __openat64_2(int, const char *, int);
extern ssize_t __read_chk(int, void *, size_t, size_t);
extern ssize_t __pread_chk(int, void *, size_t, off_t, size_t);
extern ssize_t __pread64_chk(int, void *, size_t, off64_t, size_t);
extern ssize_t __recv_chk(int, void *, size_t, size_t, int);
extern ssize_t __recvfrom_chk(int, void *restrict, size_t, size_t, int, __SOCKADDR_ARG, socklen_t *restrict);
extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
extern int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);

/* processes and signals: second names that no header declares */
extern __typeof__(fork) __fork, __libc_fork;
extern __typeof__(vfork) __vfork;
extern __typeof__(clone) __clone;
extern __typeof__(wait) __wait;
extern __typeof__(waitpid) __waitpid;
extern __typeof__(sigsuspend) __sigsuspend;
extern __typeof__(sigtimedwait) __sigtimedwait;
extern int __xpg_sigpause(int sig);

#endif
