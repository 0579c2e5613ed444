/* SPDX-License-Identifier: MIT */
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
/* Unbuffered, by semaphores: value and acknowledgement. */
#include <pthread.h>
#include <semaphore.h>

static sem_t value, taken;

static void *produce(void *arg)
{
	for (int i = 0; i < 10; i++) {
		sem_post(&value);
		sem_wait(&taken);
	}
	return arg;
}

static void take(void)
{
	sem_wait(&value);
	sem_post(&taken);
}

int main(void)
{
	pthread_t t;

	sem_init(&value, 0, 0);
	sem_init(&taken, 0, 0);
	if (pthread_create(&t, NULL, produce, NULL))
		return 1;
	for (int i = 0; i < 3; i++)
		take();
	pthread_join(t, NULL);
	return 1;
}
