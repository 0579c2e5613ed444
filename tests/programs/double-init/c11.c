/* SPDX-License-Identifier: MIT */
/* expect: double-init warning */
/* C11: two initialisers for one lock. */
#include <threads.h>

static struct {
	mtx_t lock;
	int n;
} counter;

static int counter_setup(void)
{
	return mtx_init(&counter.lock, mtx_plain);
}
static int counter_reset(void)
{
	counter.n = 0;
	return mtx_init(&counter.lock, mtx_plain);
}

int main(void)
{
	if (counter_setup() != thrd_success || counter_reset() != thrd_success)
		return 1;
	mtx_lock(&counter.lock);
	counter.n++;
	mtx_unlock(&counter.lock);
	mtx_destroy(&counter.lock);
	return 0;
}
