/* SPDX-License-Identifier: MIT */
/* expect: lost-wakeup warning */
/* hangs: --timeout 1 -> 124 */
/* C11: a broadcast "start" before the starters have come; main joins them. */
#include <threads.h>

static mtx_t lock;
static cnd_t start;

static int runs(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	cnd_wait(&start, &lock);
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t t[3];

	mtx_init(&lock, mtx_plain);
	cnd_init(&start);
	mtx_lock(&lock);
	for (int i = 0; i < 3; i++)
		thrd_create(&t[i], runs, NULL);
	cnd_broadcast(&start); /* none of them has the mutex yet */
	mtx_unlock(&lock);
	for (int i = 0; i < 3; i++)
		thrd_join(t[i], NULL);
	return 1;
}
