/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* C11: mtx_destroy() says nothing about it. */
#include <stdatomic.h>
#include <threads.h>

static mtx_t lock;
static atomic_int held, destroyed;

static int works(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	held = 1;
	while (!destroyed)
		thrd_yield();
	return mtx_unlock(&lock) != thrd_success;
}

int main(void)
{
	thrd_t t;
	int bad;

	mtx_init(&lock, mtx_plain);
	thrd_create(&t, works, NULL);
	while (!held)
		thrd_yield();
	mtx_destroy(&lock);
	destroyed = 1;
	thrd_join(t, &bad);
	return bad;
}
