/* SPDX-License-Identifier: MIT */
/* A library whose destructor stops and joins what its constructor has started. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static pthread_t thread;
static sem_t stop;

static void *reporter(void *arg)
{
	struct timespec until;

	do {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 5000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
	} while (sem_timedwait(&stop, &until) != 0);
	return arg;
}

__attribute__((constructor)) static void polite_init(void)
{
	sem_init(&stop, 0, 0);
	pthread_create(&thread, NULL, reporter, NULL);
}

__attribute__((destructor)) static void polite_exit(void)
{
	sem_post(&stop);
	pthread_join(thread, NULL);
	sem_destroy(&stop);
}

int polite_answer(void);
int polite_answer(void)
{
	return 42;
}
