/* SPDX-License-Identifier: MIT */
/* expect: join-detached error */
/* Born detached by an attribute that a helper sets, and joined. */
#include <cerrno>
#include <pthread.h>
#include <semaphore.h>

static sem_t go;

static void *work(void *arg)
{
	sem_wait(&go);
	return arg;
}

static pthread_t start()
{
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	pthread_create(&t, &a, work, nullptr);
	return t;
}

int main()
{
	pthread_t t;
	int rc;

	sem_init(&go, 0, 0);
	t = start();
	rc = pthread_join(t, nullptr);
	sem_post(&go);
	return rc == EINVAL ? 0 : 1;
}
