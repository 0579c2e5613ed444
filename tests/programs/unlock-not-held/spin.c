/* SPDX-License-Identifier: MIT */
/* expect: unlock-not-held error */
/* A trylock whose answer is not looked at: the second unlock has no lock. */
#include <pthread.h>

static pthread_spinlock_t lock;

int main(void)
{
	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			pthread_spin_trylock(&lock);
		pthread_spin_unlock(&lock);
	}
	return pthread_spin_destroy(&lock);
}
