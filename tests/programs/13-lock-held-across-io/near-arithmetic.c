/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Others do wait for the lock, but for arithmetic: the read() inside finds its data and returns. */
#include "peer.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t computing;
static int ends[2];
static int results, looks;

static long cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / (1000 * 1000);
}

static void compute(void)
{
	char byte = 0;

	die_unless(write(ends[1], "x", 1) == 1, "write");
	pthread_mutex_lock(&lock);
	sem_post(&computing);
	die_unless(read(ends[0], &byte, 1) == 1, "read");
	for (long end = cpu_ms() + SLOW_MS; cpu_ms() < end;)
		continue;
	results += byte == 'x';
	pthread_mutex_unlock(&lock);
}

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&computing);
		pthread_mutex_lock(&lock);
		looks += results > i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t observer;

	die_unless(pipe(ends) == 0, "pipe");
	die_unless(sem_init(&computing, 0, 0) == 0, "sem_init");
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++)
		compute();
	pthread_join(observer, NULL);
	sem_destroy(&computing);
	close(ends[0]);
	close(ends[1]);
	return results != ROUNDS || looks != ROUNDS;
}
