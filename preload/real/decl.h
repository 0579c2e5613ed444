/* SPDX-License-Identifier: MIT */
/*
 * Declarations of everything in symbols.def: libc's headers, and those entry points no header
 * declares (fortified and internal forms).
 */
#ifndef REAL_DECL_H
#define REAL_DECL_H

/* scanf and C99's are two functions; libc's headers would name the second by the first. */
#include <features.h>
#undef __GLIBC_USE_DEPRECATED_SCANF
#define __GLIBC_USE_DEPRECATED_SCANF 1

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
#include <mqueue.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>

extern int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
			     void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
			     void *stack_end);

extern int __cxa_guard_acquire(uint64_t *guard);
extern void __cxa_guard_release(uint64_t *guard);
extern void __cxa_guard_abort(uint64_t *guard);
extern mqd_t __mq_open_2(const char *, int);
/* operator delete and delete[]: plain, sized, nothrow, aligned */
extern void _ZdlPv(void *);
extern void _ZdaPv(void *);
extern void _ZdlPvm(void *, size_t);
extern void _ZdaPvm(void *, size_t);
extern void _ZdlPvRKSt9nothrow_t(void *, const void *);
extern void _ZdaPvRKSt9nothrow_t(void *, const void *);
extern void _ZdlPvSt11align_val_t(void *, size_t);
extern void _ZdaPvSt11align_val_t(void *, size_t);
extern void _ZdlPvmSt11align_val_t(void *, size_t, size_t);
extern void _ZdaPvmSt11align_val_t(void *, size_t, size_t);
extern void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *, size_t, const void *);
extern void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *, size_t, const void *);

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
extern ssize_t __recvfrom_chk(int, void *restrict, size_t, size_t, int, __SOCKADDR_ARG,
			      socklen_t *restrict);
extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
extern int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);

#include <aio.h>

/* processes and signals: second names that no header declares */
extern __typeof__(fork) __fork, __libc_fork;
extern __typeof__(vfork) __vfork;
extern __typeof__(clone) __clone;
extern __typeof__(wait) __wait;
extern __typeof__(waitpid) __waitpid;
extern __typeof__(sigsuspend) __sigsuspend;
extern __typeof__(sigtimedwait) __sigtimedwait;
extern int __xpg_sigpause(int sig);
extern __typeof__(sigaction) __sigaction;
extern __typeof__(signal) bsd_signal;
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* sigset */

/* streams: forms that no header declares */
#include <stdarg.h>
#include <wchar.h>

extern __typeof__(fopen) _IO_fopen;
extern __typeof__(fdopen) _IO_fdopen;
extern __typeof__(popen) _IO_popen;
extern __typeof__(fclose) _IO_fclose;
extern __typeof__(flockfile) _IO_flockfile;
extern __typeof__(fgets) _IO_fgets;
extern __typeof__(fread) _IO_fread;
extern __typeof__(fputs) _IO_fputs;
extern __typeof__(puts) _IO_puts;
extern __typeof__(fwrite) _IO_fwrite;
extern __typeof__(fprintf) _IO_fprintf;
extern __typeof__(printf) _IO_printf;
extern __typeof__(vfprintf) _IO_vfprintf;
extern int _IO_getc(FILE *);
extern int _IO_putc(int, FILE *);
extern int __underflow(FILE *);
extern char *__fgets_chk(char *restrict, size_t, int, FILE *restrict);
extern char *__fgets_unlocked_chk(char *restrict, size_t, int, FILE *restrict);
extern size_t __fread_chk(void *restrict, size_t, size_t, size_t, FILE *restrict);
extern size_t __fread_unlocked_chk(void *restrict, size_t, size_t, size_t, FILE *restrict);
extern int __fprintf_chk(FILE *, int, const char *, ...);
extern int __printf_chk(int, const char *, ...);
extern int __vfprintf_chk(FILE *, int, const char *, va_list);
extern int __vprintf_chk(int, const char *, va_list);
extern int __dprintf_chk(int, int, const char *, ...);
extern int __vdprintf_chk(int, int, const char *, va_list);
extern int __isoc99_fscanf(FILE *restrict, const char *restrict, ...);
extern int __isoc99_scanf(const char *restrict, ...);
extern int __isoc99_vfscanf(FILE *restrict, const char *restrict, va_list);
extern int __isoc99_vscanf(const char *restrict, va_list);
extern int __isoc23_fscanf(FILE *restrict, const char *restrict, ...);
extern int __isoc23_scanf(const char *restrict, ...);
extern int __isoc23_vfscanf(FILE *restrict, const char *restrict, va_list);
extern int __isoc23_vscanf(const char *restrict, va_list);

/* one object for the whole process (include/unsafe_calls.def) */
#include <getopt.h>
#include <mntent.h>
#include <netinet/ether.h>
#include <shadow.h>
#include <string.h>
#include <utmp.h>
#include <utmpx.h>

extern __typeof__(getopt) __posix_getopt;

#endif
