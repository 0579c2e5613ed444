/* SPDX-License-Identifier: MIT */
/*
 * A program that counts what it does with a telemetry library; the library reports the counts every
 * ten milliseconds.
 *
 * The mistake: the library starts its reporter in a constructor and has no way to stop it, so every
 * program that links it has the thread, and it still reports while the program comes to its end.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* ---- the telemetry library ---- */

static atomic_long events;
static long reported;

static void flush(void)
{
	reported += atomic_exchange(&events, 0);
}

static void *reporter(void *arg)
{
	struct timespec period = {.tv_nsec = 10000000};

	for (;;) {
		nanosleep(&period, NULL);
		flush();
	}
	return arg;
}

__attribute__((constructor)) static void telemetry_init(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, reporter, NULL) != 0)
		perror("telemetry");
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
