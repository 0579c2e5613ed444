/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* C11: another thread's mtx_t; the fork is made by a thread that is not the first. */
#include <threads.h>
#include "fork.h"

static mtx_t lock;

static void *takes(void *arg)
{
	mtx_lock(&lock);
	fork_wait();
	mtx_unlock(&lock);
	return arg;
}

static void child_takes(void)
{
	mtx_lock(&lock);
}

static int forks(void *arg)
{
	(void)arg;
	return fork_and_hang(takes, child_takes);
}

int main(void)
{
	thrd_t t;
	int rc = 1;

	mtx_init(&lock, mtx_plain);
	if (thrd_create(&t, forks, NULL) != thrd_success)
		return 1;
	thrd_join(t, &rc);
	mtx_destroy(&lock);
	return rc;
}
