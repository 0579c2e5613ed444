/* SPDX-License-Identifier: MIT */
/* Its thread sleeps longer than the library is loaded. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

atomic_int sleeper_runs;

static void *sweep(void *arg)
{
	struct timespec hour = {.tv_sec = 3600};

	atomic_store(&sleeper_runs, 1);
	for (;;)
		nanosleep(&hour, NULL);
	return arg;
}

__attribute__((constructor)) static void sleeper_init(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, sweep, NULL);
}
