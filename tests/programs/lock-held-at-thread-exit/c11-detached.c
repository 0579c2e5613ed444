/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* A detached C11 thread ends with a recursive lock taken twice and given back once. */
#include <threads.h>

static mtx_t lock;

static int add_all(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	mtx_lock(&lock);
	mtx_unlock(&lock);
	thrd_exit(0);
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock, mtx_recursive);
	thrd_create(&t, add_all, NULL);
	thrd_join(t, NULL);
	return mtx_trylock(&lock) == thrd_busy ? 0 : 1;
}
