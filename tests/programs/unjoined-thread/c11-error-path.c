/* SPDX-License-Identifier: MIT */
/* expect: unjoined-thread warning */
/* C11 threads: every third caller returns before the join. */
#include <threads.h>

static int work(void *arg)
{
	return *(int *)arg;
}

static int run(int *n)
{
	thrd_t t;
	int rc = -1;

	if (thrd_create(&t, work, n) != thrd_success)
		return -2;
	if (*n % 3 == 0)
		return *n; /* thrd_join() or thrd_detach() is missing */
	thrd_join(t, &rc);
	return rc;
}

int main(void)
{
	int n[12], bad = 0;

	for (int i = 0; i < 12; i++) {
		n[i] = i;
		bad += run(&n[i]) != i;
	}
	return bad;
}
