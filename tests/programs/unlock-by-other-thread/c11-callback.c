/* SPDX-License-Identifier: MIT */
/* expect: unlock-by-other-thread error */
/* The callback that runs in another thread unlocks for its caller. */
#include <threads.h>

static mtx_t lock;

static int done(void *arg)
{
	(void)arg;
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock, mtx_plain);
	mtx_lock(&lock);
	thrd_create(&t, done, NULL);
	thrd_join(t, NULL);
	mtx_destroy(&lock);
	return 0;
}
