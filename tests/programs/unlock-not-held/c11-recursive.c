/* SPDX-License-Identifier: MIT */
/* expect: unlock-not-held error */
/* Once more than it was taken: a recursive mutex refuses, and nobody looks. */
#include <threads.h>

int main(void)
{
	mtx_t m;
	int last;

	mtx_init(&m, mtx_recursive);
	mtx_lock(&m);
	mtx_lock(&m);
	mtx_unlock(&m);
	mtx_unlock(&m);
	last = mtx_unlock(&m);
	mtx_destroy(&m);
	return last == thrd_error ? 0 : 1;
}
