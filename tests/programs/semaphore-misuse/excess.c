/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse warning */
/* At most two at a time; but who has waited too long gives back what he never got. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static sem_t places;
static pthread_barrier_t full, over;

static void *guest(void *arg)
{
	struct timespec now;

	if (!arg) {
		sem_wait(&places);
		pthread_barrier_wait(&full);
		pthread_barrier_wait(&over);
	} else {
		pthread_barrier_wait(&full);
		clock_gettime(CLOCK_REALTIME, &now);
		sem_timedwait(&places, &now);
		pthread_barrier_wait(&over);
	}
	sem_post(&places);
	return arg;
}

int main(void)
{
	pthread_t t[3];

	sem_init(&places, 0, 2);
	pthread_barrier_init(&full, NULL, 3);
	pthread_barrier_init(&over, NULL, 3);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, guest, i == 2 ? &places : NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&full);
	pthread_barrier_destroy(&over);
	return sem_destroy(&places);
}
