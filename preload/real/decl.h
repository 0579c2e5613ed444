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
#include <pty.h>
#include <unistd.h>

extern int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
			     void (*rtld_fini)(void), void *stack_end);

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
