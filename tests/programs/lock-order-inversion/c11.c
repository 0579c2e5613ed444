/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Threads and locks of C11. The edges come from several call paths, the hazard is one. */
#include <threads.h>

#include "orders.h"

static mtx_t cache, log_;

static void write_log(void)
{
	mtx_lock(&log_);
	mtx_unlock(&log_);
}
static void evict(void)
{
	mtx_lock(&cache);
	write_log();
	mtx_unlock(&cache);
}
static int evicts(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++)
		evict();
	chance_has_it();
	return 0;
}
static int rotates(void *arg)
{
	(void)arg;
	by_chance_after(1);
	mtx_lock(&log_);
	mtx_lock(&cache);
	mtx_unlock(&cache);
	mtx_unlock(&log_);
	return 0;
}

int main(void)
{
	thrd_t t, u;

	mtx_init(&cache, mtx_plain);
	mtx_init(&log_, mtx_plain);
	thrd_create(&t, evicts, NULL);
	thrd_create(&u, rotates, NULL);
	thrd_join(t, NULL);
	thrd_join(u, NULL);
	mtx_destroy(&cache);
	mtx_destroy(&log_);
	return 0;
}
