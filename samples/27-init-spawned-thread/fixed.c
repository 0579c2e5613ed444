/* SPDX-License-Identifier: MIT */
/*
 * A program that counts what it does with a telemetry library; the library reports the counts every
 * ten milliseconds.
 *
 * The library's destructor stops the reporter that its constructor has started, and joins it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* ---- the telemetry library ---- */

static atomic_long events;
static long reported;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stop = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static int running, stopping;

static void flush(void)
{
	reported += atomic_exchange(&events, 0);
}

static void *reporter(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!stopping) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 10000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&stop, &lock, &until);
		flush();
	}
	pthread_mutex_unlock(&lock);
	return arg;
}

__attribute__((constructor)) static void telemetry_init(void)
{
	running = pthread_create(&thread, NULL, reporter, NULL) == 0;
}

__attribute__((destructor)) static void telemetry_exit(void)
{
	if (!running)
		return;
	pthread_mutex_lock(&lock);
	stopping = 1;
	pthread_cond_signal(&stop);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

static void telemetry_count(void)
{
	atomic_fetch_add(&events, 1);
}

/* ---- the program ---- */

static unsigned collatz(unsigned long n)
{
	unsigned steps = 0;

	for (; n != 1; steps++)
		n = n % 2 ? 3 * n + 1 : n / 2;
	return steps;
}

int main(void)
{
	unsigned longest = 0;

	for (unsigned long n = 1; n <= 200000; n++) {
		unsigned steps = collatz(n);

		if (steps > longest) {
			longest = steps;
			telemetry_count();
		}
	}
	printf("longest: %u steps\n", longest);
	return 0;
}
