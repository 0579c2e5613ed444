/* SPDX-License-Identifier: MIT */
/*
 * scale WHAT N: makes and drops N of something, one after another, or has N at once. Prints two
 * numbers: how many KiB the process grew between the first tenth of the work and its end, and how
 * many of the things lived at its end (they are dropped after that where WHAT begins with
 * "alive-").
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static long resident_kib(void)
{
	char text[128] = "";
	long size = 0, resident = 0;
	int fd = open("/proc/self/statm", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "%ld %ld", &size, &resident) != 2)
		exit(2);
	close(fd);
	return resident * 4;
}

static void must(int rc)
{
	if (rc) {
		fprintf(stderr, "scale: %s\n", strerror(rc));
		exit(2);
	}
}

/* ---- in turn ---- */

static void *nothing(void *arg)
{
	return arg;
}
static void thread(long i)
{
	pthread_t t;

	(void)i;
	must(pthread_create(&t, NULL, nothing, NULL));
	must(pthread_join(t, NULL));
}

static void mutex(long i)
{
	pthread_mutex_t m;

	(void)i;
	must(pthread_mutex_init(&m, NULL));
	must(pthread_mutex_lock(&m));
	must(pthread_mutex_unlock(&m));
	must(pthread_mutex_destroy(&m));
}

static void descriptor(long i)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)i;
	if (fd < 0 || close(fd))
		exit(2);
}

static void timer(long i)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	struct itimerspec hour = {.it_value = {.tv_sec = 3600}};
	timer_t t;

	(void)i;
	if (timer_create(CLOCK_MONOTONIC, &none, &t) || timer_settime(t, 0, &hour, NULL) ||
	    timer_delete(t))
		exit(2);
}

/* Each i is another path through two functions that call each other: another stack. */
static int path_b(long i, int depth);
static __attribute__((noinline, noclone)) int path_a(long i, int depth)
{
	int fd;

	if (depth == 0) {
		fd = open("/dev/null", O_RDONLY);
		if (fd < 0)
			exit(2);
		return close(fd);
	}
	return 1 + (i & 1 ? path_a(i >> 1, depth - 1) : path_b(i >> 1, depth - 1));
}
static __attribute__((noinline, noclone)) int path_b(long i, int depth)
{
	return depth == 0 ? path_a(i, 0) + 1
			  : 2 + (i & 1 ? path_a(i >> 1, depth - 1) : path_b(i >> 1, depth - 1));
}
static void stack(long i)
{
	(void)path_a(i, 20);
}

/* A worker reads what it was sent, ends, and both its thread and its pipe are gone: roles of the
 * dead. */
static void *worker(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) != 1)
		exit(2);
	return NULL;
}
static void role(long i)
{
	int fds[2];
	pthread_t t;

	(void)i;
	if (pipe(fds))
		exit(2);
	must(pthread_create(&t, NULL, worker, &fds[0]));
	if (write(fds[1], "x", 1) != 1)
		exit(2);
	must(pthread_join(t, NULL));
	close(fds[0]);
	close(fds[1]);
}

/* A lock that is waited for, and held across a sleep, and then is no more. */
struct pair {
	pthread_mutex_t m;
	sem_t held;
};
static void *holder(void *arg)
{
	struct pair *p = arg;
	struct timespec ms = {.tv_nsec = 1500000};

	must(pthread_mutex_lock(&p->m));
	sem_post(&p->held);
	nanosleep(&ms, NULL);
	must(pthread_mutex_unlock(&p->m));
	return NULL;
}
static void contend(long i)
{
	struct pair p;
	pthread_t t;

	(void)i;
	must(pthread_mutex_init(&p.m, NULL));
	sem_init(&p.held, 0, 0);
	must(pthread_create(&t, NULL, holder, &p));
	sem_wait(&p.held);
	must(pthread_mutex_lock(&p.m));
	must(pthread_mutex_unlock(&p.m));
	must(pthread_join(t, NULL));
	sem_destroy(&p.held);
	must(pthread_mutex_destroy(&p.m));
}

/* A line of the trace each. */
static void failed_exec(long i)
{
	(void)i;
	if (execl("/nonexistent/program", "program", NULL) == 0)
		exit(2);
}

/* ---- at once ---- */

static long alive_threads(long n)
{
	pthread_barrier_t all;
	pthread_attr_t small;
	pthread_t *t = calloc((size_t)n, sizeof(*t));
	long i;

	must(pthread_barrier_init(&all, NULL, (unsigned)n + 1));
	must(pthread_attr_init(&small));
	must(pthread_attr_setstacksize(&small, 65536));
	for (i = 0; i < n; i++)
		must(pthread_create(&t[i], &small,
				    (void *(*)(void *))(void (*)(void))pthread_barrier_wait, &all));
	pthread_barrier_wait(&all);
	for (i = 0; i < n; i++)
		must(pthread_join(t[i], NULL));
	free(t);
	return n;
}

static long alive_mutexes(long n)
{
	pthread_mutex_t *m = calloc((size_t)n, sizeof(*m));

	for (long i = 0; i < n; i++)
		must(pthread_mutex_init(&m[i], NULL));
	for (long i = 0; i < n; i++) {
		must(pthread_mutex_lock(&m[i]));
		must(pthread_mutex_unlock(&m[i]));
	}
	free(m);
	return n;
}

/* N distinct stacks, then ten threads that wait, ten timers, and pipes between. */
static void *reads(void *fd)
{
	char c;

	return read((int)(long)fd, &c, 1) == 1 ? NULL : fd;
}
static long alive_late(long n)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	pthread_t t[10];
	int fds[10][2];
	timer_t timer_id;

	for (long i = 0; i < n; i++)
		stack(i);
	for (int i = 0; i < 10; i++) {
		if (timer_create(CLOCK_MONOTONIC, &none, &timer_id) || pipe(fds[i]))
			exit(2);
		must(pthread_create(&t[i], NULL, reads, (void *)(long)fds[i][0]));
	}
	for (int i = 0; i < 10; i++)
		if (write(fds[i][1], "x", 1) != 1 || pthread_join(t[i], NULL))
			exit(2);
	return 10;
}

static long alive_descriptors(long n)
{
	struct rlimit r;
	long i;

	if (getrlimit(RLIMIT_NOFILE, &r))
		exit(2);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	for (i = 0; i < n && open("/dev/null", O_RDONLY) >= 0; i++)
		;
	return i;
}

static const struct {
	const char *name;
	void (*one)(long i);
	long (*all)(long n);
} kinds[] = {
    {"thread", thread, NULL},
    {"mutex", mutex, NULL},
    {"descriptor", descriptor, NULL},
    {"timer", timer, NULL},
    {"stack", stack, NULL},
    {"role", role, NULL},
    {"contend", contend, NULL},
    {"failed-exec", failed_exec, NULL},
    {"alive-threads", NULL, alive_threads},
    {"alive-mutexes", NULL, alive_mutexes},
    {"alive-descriptors", NULL, alive_descriptors},
    {"alive-late", NULL, alive_late},
};

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0, warm = 0, alive = 0;

	for (size_t k = 0; n > 0 && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(argv[1], kinds[k].name) != 0)
			continue;
		for (long i = 0; kinds[k].one && i < n; i++) {
			if (i == n / 10)
				warm = resident_kib();
			kinds[k].one(i);
		}
		if (kinds[k].all)
			alive = kinds[k].all(n);
		printf("%ld %ld\n", warm ? resident_kib() - warm : 0, alive);
		return 0;
	}
	fprintf(stderr, "usage: scale WHAT N\n");
	return 2;
}
