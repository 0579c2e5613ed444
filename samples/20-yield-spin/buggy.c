/* SPDX-License-Identifier: MIT */
/*
 * The collector finds out that the batch is ready by asking again and again, with sched_yield() in
 * between, while main waits for it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define READINGS 64

static int batch[READINGS];
static atomic_int ready;

/* Reads the sensors, which takes its time. */
static void *sample_sensors(void *arg)
{
	(void)arg;
	for (int i = 0; i < READINGS; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
		batch[i] = i * i % 17;
	}
	atomic_store(&ready, 1);
	return NULL;
}

static void *collect(void *arg)
{
	long *sum = arg;

	while (!atomic_load(&ready))
		sched_yield();
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
