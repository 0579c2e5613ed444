/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* Nothing is being sent: the worker was never told to stop, and its owner waits for it. */
#include <pthread.h>
#include <semaphore.h>

static sem_t jobs, done;

static void *work(void *arg)
{
	for (;;) {
		sem_wait(&jobs);
		sem_post(&done);
	}
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&jobs, 0, 0);
	sem_init(&done, 0, 0);
	if (pthread_create(&t, NULL, work, NULL))
		return 1;
	for (int i = 0; i < 3; i++) {
		sem_post(&jobs);
		sem_wait(&done);
	}
	pthread_join(t, NULL);
	return 1;
}
