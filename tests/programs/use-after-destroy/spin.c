/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* The counter's spinlock is destroyed by whoever thinks to be the last. */
#include <pthread.h>

static pthread_spinlock_t lock;
static pthread_barrier_t turn;
static int count;

static void *adds(void *last)
{
	pthread_spin_lock(&lock);
	count++;
	pthread_spin_unlock(&lock);
	pthread_barrier_wait(&turn);
	if (last)
		pthread_spin_destroy(&lock);
	pthread_barrier_wait(&turn);
	if (!last) {
		pthread_spin_lock(&lock);
		count++;
		pthread_spin_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[2];

	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t[0], NULL, adds, NULL);
	pthread_create(&t[1], NULL, adds, &turn);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&turn);
	return count != 3;
}
