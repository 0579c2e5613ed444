/* SPDX-License-Identifier: MIT */
/* expect: join-detached error */
/* Detached by its creator and by itself. */
#include <semaphore.h>
#include <threads.h>

static sem_t detached, go;

static int work(void *arg)
{
	(void)arg;
	sem_wait(&detached);
	thrd_detach(thrd_current());
	sem_post(&go);
	return 0;
}

int main(void)
{
	thrd_t t;

	sem_init(&detached, 0, 0);
	sem_init(&go, 0, 0);
	thrd_create(&t, work, NULL);
	thrd_detach(t);
	sem_post(&detached);
	sem_wait(&go);
	return 0;
}
