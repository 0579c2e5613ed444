/* SPDX-License-Identifier: MIT */
/* Every lock family at once, with sums that come out only if each of them excludes and none loses a
 * wake-up. */
#include "scene.h"

#include <semaphore.h>
#include <threads.h>

enum { THREADS = 4, ROUNDS = 500 };

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t tokens, done;
static mtx_t mtx;
static cnd_t cnd;
static once_flag flag = ONCE_FLAG_INIT;
static long by_rw, by_spin, by_mtx, by_sem, turn, onces;

static void init(void)
{
	onces += 100;
	thrd_yield();
}

static void *work(void *arg)
{
	long me = (long)arg;

	call_once(&flag, init);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_rwlock_wrlock(&rw);
		by_rw++;
		pthread_rwlock_unlock(&rw);
		pthread_rwlock_rdlock(&rw);
		assert(by_rw > 0);
		pthread_rwlock_unlock(&rw);
		pthread_spin_lock(&spin);
		by_spin++;
		pthread_spin_unlock(&spin);
		while (sem_wait(&tokens))
			;
		by_sem += 2;
		sem_post(&tokens);
		mtx_lock(&mtx); /* in turns */
		while (turn % THREADS != me)
			cnd_wait(&cnd, &mtx);
		turn++;
		by_mtx += 2;
		cnd_broadcast(&cnd);
		mtx_unlock(&mtx);
	}
	sem_post(&done);
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];

	pthread_spin_init(&spin, 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	sem_init(&tokens, 0, 1);
	sem_init(&done, 0, 0);
	assert(mtx_init(&mtx, mtx_plain) == thrd_success && cnd_init(&cnd) == thrd_success);
	for (long i = 0; i < THREADS; i++)
		t[i] = spawn(work, (void *)i);
	for (int i = 0; i < THREADS; i++)
		while (sem_wait(&done))
			;
	for (int i = 0; i < THREADS; i++)
		join(t[i]);
	printf("sums %ld %ld %ld %ld %ld\n", by_rw, by_spin, by_sem, by_mtx, onces);
	return 0;
}
