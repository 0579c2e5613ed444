/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The child makes all locks anew before it uses them: by init, by assignment, by zeros. Its threads
 * wait for each other there. */
#include <sched.h>
#include <string.h>
#include "fork.h"

static pthread_mutex_t made = PTHREAD_MUTEX_INITIALIZER, assigned = PTHREAD_MUTEX_INITIALIZER,
		       zeroed = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void *holds(void *arg)
{
	pthread_mutex_lock(&made);
	pthread_mutex_lock(&assigned);
	pthread_mutex_lock(&zeroed);
	pthread_spin_lock(&spin);
	pthread_rwlock_rdlock(&table);
	fork_wait();
	pthread_rwlock_unlock(&table);
	pthread_spin_unlock(&spin);
	pthread_mutex_unlock(&zeroed);
	pthread_mutex_unlock(&assigned);
	pthread_mutex_unlock(&made);
	return arg;
}

static void *use(void *arg)
{
	pthread_mutex_t *all[] = {&made, &assigned, &zeroed};

	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(all[i % 3]);
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
		pthread_rwlock_wrlock(&table);
		sched_yield();
		pthread_rwlock_unlock(&table);
		pthread_mutex_unlock(all[i % 3]);
	}
	return arg;
}

static int child(void)
{
	pthread_t t;

	pthread_mutex_init(&made, NULL);
	assigned = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	memset(&zeroed, 0, sizeof(zeroed));
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	table = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
	if (pthread_create(&t, NULL, use, NULL))
		return 1;
	use(NULL);
	pthread_join(t, NULL);
	return 0;
}

int main(void)
{
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	return fork_and_pass(holds, child);
}
