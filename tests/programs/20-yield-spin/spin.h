/* SPDX-License-Identifier: MIT */
/* What the shapes share: a spin that is long enough by count, whatever the machine's speed. */
#ifndef SPIN_H
#define SPIN_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LONG_SPIN  60000 /* calls */
#define SHORT_SPIN 4000

#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x))                                                                          \
			_exit(3);                                                                  \
	} while (0)

/* Until that thread sleeps: it has nothing left to do but to wait for whoever asks. */
static inline void until_waits(pid_t tid)
{
	char name[64], state = 0;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", (int)tid);
	while (state != 'S') {
		FILE *f = fopen(name, "r");

		MUST(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
		fclose(f);
		usleep(1000);
	}
}
static inline void until_main_waits(void)
{
	until_waits(getpid());
}

#endif
