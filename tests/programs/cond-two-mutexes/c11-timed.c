/* SPDX-License-Identifier: MIT */
/* expect: cond-two-mutexes error */
/* C11, and the second one waits with a limit. */
#include <threads.h>
#include <time.h>

static mtx_t first, second;
static cnd_t changed;
static int waits, go;

static int waiter(void *arg)
{
	(void)arg;
	mtx_lock(&first);
	waits = 1;
	while (!go)
		cnd_wait(&changed, &first);
	mtx_unlock(&first);
	return 0;
}

int main(void)
{
	struct timespec now;
	int there = 0;
	thrd_t t;

	mtx_init(&first, mtx_plain);
	mtx_init(&second, mtx_timed);
	cnd_init(&changed);
	thrd_create(&t, waiter, NULL);
	while (!there) {
		mtx_lock(&first);
		there = waits;
		mtx_unlock(&first);
	}
	timespec_get(&now, TIME_UTC);
	mtx_lock(&second);
	cnd_timedwait(&changed, &second, &now);
	mtx_unlock(&second);
	mtx_lock(&first);
	go = 1;
	mtx_unlock(&first);
	cnd_broadcast(&changed);
	thrd_join(t, NULL);
	cnd_destroy(&changed);
	mtx_destroy(&first);
	mtx_destroy(&second);
	return 0;
}
