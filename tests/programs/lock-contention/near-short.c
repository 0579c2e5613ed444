/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* C11 threads: a lock taken often, for moments, by threads that are mostly busy elsewhere. */
#include <threads.h>

static mtx_t lock;
static long sum;

static int work(void *arg)
{
	volatile long own = 0;

	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 20000; k++)
			own++;
		mtx_lock(&lock);
		sum++;
		mtx_unlock(&lock);
	}
	return arg != NULL;
}

int main(void)
{
	thrd_t t[3];

	mtx_init(&lock, mtx_plain);
	for (int i = 0; i < 3; i++)
		thrd_create(&t[i], work, NULL);
	for (int i = 0; i < 3; i++)
		thrd_join(t[i], NULL);
	mtx_destroy(&lock);
	return sum != 600;
}
