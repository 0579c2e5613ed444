/* SPDX-License-Identifier: MIT */
/* expect: join-twice error */
/* Joined, then detached "to be sure". */
#include <threads.h>

static int work(void *arg)
{
	(void)arg;
	return 7;
}

int main(void)
{
	thrd_t t;
	int result;

	thrd_create(&t, work, NULL);
	thrd_join(t, &result);
	thrd_detach(t);
	return result == 7 ? 0 : 1;
}
