/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* Under a reader; what it does with the lock afterwards is the same fault. */
#include <pthread.h>

static pthread_rwlock_t lock;
static pthread_barrier_t turn;

static void *reads(void *arg)
{
	pthread_rwlock_rdlock(&lock);
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	pthread_rwlock_unlock(&lock);
	pthread_rwlock_rdlock(&lock);
	pthread_rwlock_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_rwlock_init(&lock, NULL);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, reads, NULL);
	pthread_barrier_wait(&turn);
	pthread_rwlock_destroy(&lock);
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&turn);
	return 0;
}
