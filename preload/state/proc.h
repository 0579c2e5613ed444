/* SPDX-License-Identifier: MIT */
/*
 * What /proc says of this process: its name, its descriptors, its threads. Raw system calls only.
 * Called at start, at snapshots, at the end.
 */
#ifndef STATE_PROC_H
#define STATE_PROC_H

#include "base/common.h"
#include "state/thread.h"

/* The program's path into buf, "" if unknown. */
void proc_exe(char *buf, size_t len);
/* The calling thread's name, which is the program's at its start; needs no /proc. */
void proc_comm(char buf[16]);
/* First line of a small file, without its end; "" if unreadable. */
void proc_word(const char *path, char *buf, size_t len);
/* Is our parent observed, too? Reads its memory map: only where something went wrong. */
bool proc_parent_observed(void);
/* Enters every open descriptor that the table does not know. */
void proc_learn_fds(struct thread *t, u32 flags);
struct proc_compared {
	u64 fds, tasks;	  /* by /proc, without ours */
	u64 missed, gone; /* open but unknown; known as open but closed */
};
/* Compares descriptors and threads with /proc, learns what was missed, ends what is gone. False
 * where /proc can't be read. */
bool proc_compare(struct thread *t, struct proc_compared *c);
#endif
