/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Functions called in turn have their objects at the same address of the stack, none is destroyed;
 * a semaphore in zero static memory needs no call. */
#include <pthread.h>
#include <semaphore.h>

static sem_t zero;

static __attribute__((noinline)) int with_mutex(void)
{
	pthread_mutex_t m;

	pthread_mutex_init(&m, NULL);
	return pthread_mutex_lock(&m) | pthread_mutex_unlock(&m);
}

static __attribute__((noinline)) int with_rwlock(void)
{
	pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

	return pthread_rwlock_wrlock(&l) | pthread_rwlock_unlock(&l);
}

static __attribute__((noinline)) int with_sem(void)
{
	sem_t s;

	sem_init(&s, 0, 1);
	return sem_wait(&s);
}

static __attribute__((noinline)) int with_cond(void)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	return pthread_cond_signal(&c);
}

static void *worker(void *arg)
{
	int bad = 0;

	for (int i = 0; i < 3; i++)
		bad |= with_mutex() | with_rwlock() | with_sem() | with_cond() | with_rwlock();
	sem_post(&zero);
	return bad ? NULL : arg;
}

int main(void)
{
	pthread_t th;
	void *good;

	pthread_create(&th, NULL, worker, &zero);
	sem_wait(&zero);
	pthread_join(th, &good);
	return !good || !worker(&zero);
}
