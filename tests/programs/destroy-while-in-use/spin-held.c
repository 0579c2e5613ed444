/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
#include <pthread.h>

static pthread_spinlock_t lock;
static pthread_barrier_t turn;

static void *works(void *arg)
{
	pthread_spin_lock(&lock);
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	pthread_spin_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_spin_init(&lock, 0);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, works, NULL);
	pthread_barrier_wait(&turn);
	pthread_spin_destroy(&lock);
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&turn);
	return 0;
}
