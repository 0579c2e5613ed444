/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* Spins on a semaphore with a lock held that another thread, not its creator, waits for. */
#include "spin.h"
#include <sys/syscall.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t never, held;
static atomic_int wants;

static void *spinner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	sem_post(&held);
	while (!atomic_load(&wants))
		usleep(1000);
	until_waits(atomic_load(&wants));
	for (int i = 0; i < LONG_SPIN * 4; i++)
		MUST(sem_trywait(&never) == -1 && errno == EAGAIN);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *other(void *arg)
{
	(void)arg;
	sem_wait(&held);
	atomic_store(&wants, (int)syscall(SYS_gettid));
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&never, 0, 0);
	sem_init(&held, 0, 0);
	MUST(pthread_create(&a, NULL, spinner, NULL) == 0);
	MUST(pthread_create(&b, NULL, other, NULL) == 0);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
