/* SPDX-License-Identifier: MIT */
/*
 * What /proc says of a process: all the outside view there is without ptrace and signals.
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Path (as the process's own mount namespace names it) of the first mapped file whose name ends in
 * `suffix`. 0, -ENOENT none, -ESRCH no such process, -EACCES. */
int proc_mapped(pid_t pid, const char *suffix, char *path, size_t size);
/* State letter of a thread (R S D T t Z X); 0 if it is gone. tid 0: the process. */
char proc_state(pid_t pid, pid_t tid);
/* Start time of a process, CLOCK_BOOTTIME ticks; 0 if it is gone. */
unsigned long long proc_start(pid_t pid);
/* The system call a thread sleeps in, by name, and the descriptor it is on or -1. 0; -ENOENT it
 * runs, or the call has no name here; -errno (permission as for ptrace, but nothing is attached).
 */
int proc_syscall(pid_t pid, pid_t tid, const char **name, int *fd);
/* What a descriptor is, as /proc names it ("/etc/passwd", "socket:[123]"). 0 or -errno. */
int proc_fd(pid_t pid, int fd, char *out, size_t size);
/* Number of open descriptors or tasks; -errno. */
int proc_count(pid_t pid, const char *dir);
/* First line of a file of /proc/PID ("comm", "wchan", …). 0 or -errno. */
int proc_line(pid_t pid, const char *file, char *out, size_t size);
/* Number after `key` ("SigQ:", "Threads:", "State:"…) in /proc/PID/status; -errno. */
long proc_status(pid_t pid, const char *key);
/* Does that file of /proc/PID hold the text? False also where it cannot be read. */
bool proc_mentions(pid_t pid, const char *file, const char *text);
/* Parses a decimal pid; 0 if `text` is none. */
pid_t proc_parse_pid(const char *text);

#endif
