/* SPDX-License-Identifier: MIT */
/* expect: cond-wait-without-mutex error */
/* The waiter relies on the lock that its starter holds. */
#include <semaphore.h>
#include <threads.h>
#include <time.h>

static mtx_t lock;
static cnd_t changed;
static sem_t waited;

static int waiter(void *arg)
{
	struct timespec until;

	(void)arg;
	timespec_get(&until, TIME_UTC);
	until.tv_nsec += 20000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	cnd_timedwait(&changed, &lock, &until);
	mtx_unlock(&lock);
	sem_post(&waited);
	return 0;
}

int main(void)
{
	thrd_t t;

	sem_init(&waited, 0, 0);
	mtx_init(&lock, mtx_plain);
	cnd_init(&changed);
	mtx_lock(&lock);
	thrd_create(&t, waiter, NULL);
	sem_wait(&waited);
	mtx_unlock(&lock);
	thrd_join(t, NULL);
	cnd_destroy(&changed);
	mtx_destroy(&lock);
	return 0;
}
