/* SPDX-License-Identifier: MIT */
/* The same job: the collector waits on a condition variable until the batch is ready. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define READINGS 64

static int batch[READINGS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static bool ready;

/* Reads the sensors, which takes its time. */
static void *sample_sensors(void *arg)
{
	(void)arg;
	for (int i = 0; i < READINGS; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
		batch[i] = i * i % 17;
	}
	pthread_mutex_lock(&lock);
	ready = true;
	pthread_cond_signal(&filled);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *collect(void *arg)
{
	long *sum = arg;

	pthread_mutex_lock(&lock);
	while (!ready)
		pthread_cond_wait(&filled, &lock);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < READINGS; i++)
		*sum += batch[i];
	return NULL;
}

int main(void)
{
	pthread_t sampler, collector;
	long sum = 0;

	if (pthread_create(&sampler, NULL, sample_sensors, NULL) ||
	    pthread_create(&collector, NULL, collect, &sum))
		return 1;
	pthread_join(collector, NULL);
	pthread_join(sampler, NULL);
	printf("sum of the batch: %ld\n", sum);
	return 0;
}
