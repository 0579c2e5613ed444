/* SPDX-License-Identifier: MIT */
/* What the shapes share: a spin that is long enough by count, whatever the machine's speed. */
#ifndef SPIN_H
#define SPIN_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define LONG_SPIN  60000 /* calls */
#define SHORT_SPIN 4000

#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x))                                                                          \
			_exit(3);                                                                  \
	} while (0)

#endif
