/* SPDX-License-Identifier: MIT */
/* expect: cancelled-while-holding-lock error */
/* Asynchronous cancellation in the middle of a computation under a lock. */
#include <pthread.h>
#include <semaphore.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static sem_t inside;
static volatile unsigned long sum;

static void *computes(void *arg)
{
	int was;

	pthread_rwlock_wrlock(&table);
	sem_post(&inside);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &was);
	for (;;)
		sum++;
	return arg;
}

int main(void)
{
	pthread_t t;
	void *result;

	sem_init(&inside, 0, 0);
	pthread_create(&t, NULL, computes, NULL);
	sem_wait(&inside);
	pthread_cancel(t);
	pthread_join(t, &result);
	sem_destroy(&inside);
	return result == PTHREAD_CANCELED && pthread_rwlock_tryrdlock(&table) ? 0 : 1;
}
