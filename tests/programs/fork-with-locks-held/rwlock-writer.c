/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* A recursive mutex on the heap taken twice, and a table being written, when the process forks: a
 * thread of the child wants to read the table. */
#include "fork.h"

struct store {
	pthread_mutex_t lock;
	pthread_rwlock_t table;
};
static struct store *store;

static void *writes(void *arg)
{
	pthread_mutex_lock(&store->lock);
	pthread_mutex_lock(&store->lock);
	pthread_rwlock_wrlock(&store->table);
	fork_wait();
	pthread_rwlock_unlock(&store->table);
	pthread_mutex_unlock(&store->lock);
	pthread_mutex_unlock(&store->lock);
	return arg;
}

static void *child_reads(void *arg)
{
	pthread_rwlock_rdlock(&store->table);
	return arg;
}

static void child(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, child_reads, NULL) == 0)
		pthread_join(t, NULL);
}

int main(void)
{
	pthread_mutexattr_t a;
	int rc;

	store = calloc(1, sizeof(*store));
	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&store->lock, &a);
	pthread_mutexattr_destroy(&a);
	pthread_rwlock_init(&store->table, NULL);
	rc = fork_and_hang(writes, child);
	pthread_rwlock_destroy(&store->table);
	pthread_mutex_destroy(&store->lock);
	free(store);
	return rc;
}
