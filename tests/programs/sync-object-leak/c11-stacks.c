/* SPDX-License-Identifier: MIT */
/* expect: sync-object-leak note */
/* C11: each thread has one on its stack and ends with it. */
#include <threads.h>

static int works(void *arg)
{
	mtx_t m;

	(void)arg;
	mtx_init(&m, mtx_plain);
	mtx_lock(&m);
	return mtx_unlock(&m) != thrd_success;
}

int main(void)
{
	int bad = 0;

	for (int i = 0; i < 5; i++) {
		thrd_t t;
		int result;

		thrd_create(&t, works, NULL);
		thrd_join(t, &result);
		bad += result;
	}
	return bad;
}
