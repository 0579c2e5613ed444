/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Answers, not failures: busy, timed out, nothing there, the owner has died. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static pthread_mutex_t robust, lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *dies(void *arg)
{
	pthread_mutex_lock(&robust);
	return arg;
}

static void *tries(void *arg)
{
	return pthread_mutex_trylock(&lock) == EBUSY ? arg : NULL;
}

int main(void)
{
	struct timespec past = {.tv_sec = 1};
	pthread_mutexattr_t attr;
	pthread_t th;
	void *busy;
	sem_t none;
	int bad;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_mutexattr_destroy(&attr);
	sem_init(&none, 0, 0);
	pthread_create(&th, NULL, dies, NULL);
	pthread_join(th, NULL);
	bad = pthread_mutex_lock(&robust) != EOWNERDEAD;
	bad |= pthread_mutex_consistent(&robust) != 0 || pthread_mutex_unlock(&robust) != 0;
	pthread_mutex_lock(&lock);
	pthread_create(&th, NULL, tries, &lock);
	pthread_join(th, &busy);
	bad |= !busy || pthread_cond_timedwait(&cond, &lock, &past) != ETIMEDOUT;
	pthread_mutex_unlock(&lock);
	bad |= sem_trywait(&none) == 0 || errno != EAGAIN;
	bad |= sem_timedwait(&none, &past) == 0 || errno != ETIMEDOUT;
	pthread_mutex_destroy(&robust);
	sem_destroy(&none);
	return bad;
}
