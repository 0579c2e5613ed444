/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A semaphore with 48 places in front: the number climbs to it, round by round, and no further. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t places;

static void *call(void *arg)
{
	usleep(700000);
	sem_post(&places);
	return arg;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	sem_init(&places, 0, 48);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int r = 0; r < 5; r++) {
		for (int i = 0; i < 12; i++) {
			sem_wait(&places);
			if (pthread_create(&thread, &attr, call, NULL))
				return 1;
		}
		usleep(100000);
	}
	for (int i = 0; i < 48; i++)
		sem_wait(&places);
	return 0;
}
