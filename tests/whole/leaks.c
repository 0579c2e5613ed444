/* SPDX-License-Identifier: MIT */
/*
 * For leaks.bats: a process whose live counts rise, or only seem to. leaks WHAT SECONDS: makes one
 * about every 40 ms, says "ready" and its pid after SECONDS and goes on until its standard input
 * ends. Growth windows are a second long.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 4096 };

static int kept[MANY], n;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *nothing(void *arg)
{
	return arg;
}

static __attribute__((noinline)) void open_one(void)
{
	kept[n++ % MANY] = open("/dev/null", O_RDONLY);
}

static void close_oldest(int left)
{
	while (n > left) {
		close(kept[0]);
		memmove(kept, kept + 1, (size_t)--n * sizeof(*kept));
	}
}

static __attribute__((noinline)) void thread_one(void)
{
	pthread_t t;

	pthread_create(&t, NULL, nothing, NULL);
}

static __attribute__((noinline)) void timer_one(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	struct itimerspec far = {.it_value.tv_sec = 900};
	timer_t t;

	timer_create(CLOCK_MONOTONIC, &ev, &t);
	timer_settime(t, 0, &far, NULL);
}

/* Seconds into the run, of which the last look is taken at `end`. */
static void step(const char *what, double at, double end)
{
	if (!strcmp(what, "fd"))
		open_one();
	else if (!strcmp(what, "thread"))
		thread_one();
	else if (!strcmp(what, "timer"))
		timer_one();
	else if (!strcmp(what,
			 "plateau")) { /* a pool that fills up, and is full long before the look */
		if (at < end - 4.5)
			open_one();
	} else if (!strcmp(what, "saw")) { /* up for two and a half seconds, then all closed */
		open_one();
		if (n > 60)
			close_oldest(0);
	} else if (!strcmp(what,
			   "turnover")) { /* more and more at a time, but each lives briefly */
		for (int i = 0; i < 8; i++)
			open_one();
		close_oldest(4 + (int)(at * 6));
	}
}

int main(int argc, char **argv)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	double began = now(), end = argc > 2 ? atof(argv[2]) : 0;
	int said = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (poll(&in, 1, 40) == 0) {
		step(argv[1], now() - began, end);
		if (!said && now() - began > end)
			said = printf("ready %d\n", getpid());
	}
	return 0;
}
