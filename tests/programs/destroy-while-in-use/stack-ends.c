/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* A thread lends a lock on its stack, and ends while the borrower holds it. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static pthread_rwlock_t *lent;
static sem_t there, taken;

static void *owner(void *arg)
{
	pthread_rwlock_t l;

	pthread_rwlock_init(&l, NULL);
	lent = &l;
	sem_post(&there);
	sem_wait(&taken);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&there, 0, 0);
	sem_init(&taken, 0, 0);
	pthread_create(&t, NULL, owner, NULL);
	sem_wait(&there);
	pthread_rwlock_rdlock(lent);
	sem_post(&taken);
	pthread_join(t, NULL);
	_exit(0);
}
