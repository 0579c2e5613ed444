/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Each thread once; the handles of the later ones are those of the earlier ones. tryjoin and timed
 * joins fail while the thread runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static sem_t go;

static void *work(void *arg)
{
	sem_wait(&go);
	return arg;
}

int main(void)
{
	struct timespec now;
	int bad = 0;

	sem_init(&go, 0, 0);
	for (int i = 0; i < 20; i++) {
		pthread_t t;

		pthread_create(&t, NULL, work, NULL);
		bad |= pthread_tryjoin_np(t, NULL) != EBUSY;
		clock_gettime(CLOCK_REALTIME, &now);
		bad |= pthread_timedjoin_np(t, NULL, &now) != ETIMEDOUT;
		sem_post(&go);
		bad |= pthread_join(t, NULL);
	}
	sem_destroy(&go);
	return bad;
}
