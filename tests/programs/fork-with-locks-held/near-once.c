/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A pthread_once under way in another thread at the fork: glibc begins it anew in the child. */
#include "fork.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static volatile int in_child, done;

static void init(void)
{
	if (!in_child)
		fork_wait();
	done = 1;
}

static void *begins(void *arg)
{
	pthread_once(&once, init);
	return arg;
}

static int child(void)
{
	in_child = 1;
	pthread_once(&once, init);
	return !done;
}

int main(void)
{
	return fork_and_pass(begins, child);
}
