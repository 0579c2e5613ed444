/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* mutex -> rwlock -> spinlock -> join -> once: one ring over five kinds of waits. */
#include "ring.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_t initialiser;

static void *reads(void *arg)
{
	pthread_mutex_lock(&mutex);
	all_hold();
	pthread_rwlock_rdlock(&rwlock);
	return arg;
}

static void *spins(void *arg)
{
	pthread_rwlock_wrlock(&rwlock);
	all_hold();
	pthread_spin_lock(&spin);
	return arg;
}

static void *joins(void *arg)
{
	pthread_spin_lock(&spin);
	all_hold();
	pthread_join(initialiser, NULL);
	return arg;
}

static void set_up(void)
{
	all_hold();
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
}

static void *begins(void *arg)
{
	pthread_once(&once, set_up);
	return arg;
}

int main(void)
{
	meet(4);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_create(&initialiser, NULL, begins, NULL);
	start(reads, NULL);
	start(spins, NULL);
	start(joins, NULL);
	return hang_a_while();
}
