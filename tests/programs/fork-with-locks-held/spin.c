/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* A spinlock has no owner at all. */
#include "fork.h"

static pthread_spinlock_t counter;

static void *counts(void *arg)
{
	pthread_spin_lock(&counter);
	fork_wait();
	pthread_spin_unlock(&counter);
	return arg;
}

static void child_counts(void)
{
	pthread_spin_lock(&counter);
}

int main(void)
{
	pthread_spin_init(&counter, PTHREAD_PROCESS_PRIVATE);
	return fork_and_hang(counts, child_counts);
}
