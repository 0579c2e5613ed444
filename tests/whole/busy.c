/* SPDX-License-Identifier: MIT */
/*
 * A busy process to be killed: two threads lock without end, a third says how far it has come. Each
 * step leaves one fact that is a line of the trace (a thread takes an error-checking mutex that it
 * has: a new mutex and so a new line each time) and one that is a row of a table (a file stays
 * open). Says the number of steps done, eight bytes, on descriptor 1 after each; that pipe is made
 * so small that it cannot come to its end unless somebody reads.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define STEPS                                                                                      \
	900 /* more than a page of numbers and what the test reads; less than a usual limit of     \
	       descriptors */

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER, many[STEPS];

static void *lock_for_ever(void *arg)
{
	for (;;) {
		pthread_mutex_lock(&shared);
		pthread_mutex_unlock(&shared);
	}
	return arg;
}

static void leave_line(pthread_mutex_t *m)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(m, &attr);
	pthread_mutex_lock(m);
	pthread_mutex_lock(m);
	pthread_mutex_unlock(m);
	pthread_mutex_destroy(m);
}

int main(void)
{
	pthread_t t;

	if (fcntl(1, F_SETPIPE_SZ, 4096) < 0)
		return 5;
	for (int i = 0; i < 2; i++)
		if (pthread_create(&t, NULL, lock_for_ever, NULL))
			return 2;
	for (uint64_t i = 0; i < STEPS;) {
		leave_line(&many[i]);
		if (open("/dev/null", O_RDONLY) < 0)
			return 3;
		i++;
		if (write(1, &i, sizeof(i)) != sizeof(i))
			return 4;
	}
	pause();
	return 0;
}
