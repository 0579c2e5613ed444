/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* All waiters were woken, one by one or together, and some are still inside when the condvar is
 * destroyed: libc lets them out. */
#include <pthread.h>

enum { THREADS = 4, ROUNDS = 50 };

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int waiting, open;
};

static void *pass(void *arg)
{
	struct gate *g = arg;

	pthread_mutex_lock(&g->lock);
	g->waiting++;
	while (!g->open)
		pthread_cond_wait(&g->cond, &g->lock);
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

static int all_wait(struct gate *g)
{
	int all;

	pthread_mutex_lock(&g->lock);
	all = g->waiting == THREADS;
	pthread_mutex_unlock(&g->lock);
	return all;
}

static void one_round(int each)
{
	struct gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, pass, &g);
	while (!all_wait(&g))
		;
	pthread_mutex_lock(&g.lock);
	g.open = 1;
	for (int i = 0; each && i < THREADS; i++)
		pthread_cond_signal(&g.cond);
	if (!each)
		pthread_cond_broadcast(&g.cond);
	pthread_mutex_unlock(&g.lock);
	pthread_cond_destroy(&g.cond);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++)
		one_round(i % 2);
	return 0;
}
