/* SPDX-License-Identifier: MIT */
/* A library that starts a reporter when it is loaded, and cannot stop it. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static atomic_long events, rounds;

static void *reporter(void *arg)
{
	struct timespec period = {.tv_nsec = 5000000};

	for (;;) {
		atomic_exchange(&events, 0);
		atomic_fetch_add(&rounds, 1);
		nanosleep(&period, NULL);
	}
	return arg;
}

__attribute__((constructor)) static void telemetry_init(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, reporter, NULL);
	pthread_detach(thread);
}

void telemetry_count(void);
long telemetry_rounds(void);
void telemetry_count(void)
{
	atomic_fetch_add(&events, 1);
}
long telemetry_rounds(void)
{
	return atomic_load(&rounds);
}
