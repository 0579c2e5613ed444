/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* A table is being read when the process forks; the child wants to change it. No word of the lock
 * says who reads. */
#include "fork.h"

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void *reads(void *arg)
{
	pthread_rwlock_rdlock(&table);
	fork_wait();
	pthread_rwlock_unlock(&table);
	return arg;
}

static void child_changes(void)
{
	pthread_rwlock_rdlock(&table); /* goes well */
	pthread_rwlock_unlock(&table);
	pthread_rwlock_wrlock(&table);
}

int main(void)
{
	return fork_and_hang(reads, child_changes);
}
