/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One place, several objects in turn, of every kind: each made by its call, some never destroyed.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

static union {
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	pthread_cond_t cond;
	pthread_barrier_t barrier;
	pthread_spinlock_t spin;
	sem_t sem;
} place;

static void in_turn(void)
{
	pthread_mutex_init(&place.mutex, NULL);
	pthread_mutex_lock(&place.mutex);
	pthread_mutex_unlock(&place.mutex);
	pthread_mutex_destroy(&place.mutex);
	memset(&place, 0, sizeof(place));
	pthread_rwlock_rdlock(&place.rwlock); /* zero bytes: its static initialiser's */
	pthread_rwlock_unlock(&place.rwlock);
	pthread_rwlock_destroy(&place.rwlock);
	sem_init(&place.sem, 0, 1);
	sem_wait(&place.sem);
	pthread_barrier_init(&place.barrier, NULL, 1);
	pthread_barrier_wait(&place.barrier);
	memset(&place, 0, sizeof(place));
	pthread_cond_init(&place.cond, NULL);
	pthread_cond_signal(&place.cond);
	pthread_spin_init(&place.spin, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_lock(&place.spin);
	pthread_spin_unlock(&place.spin);
	pthread_spin_destroy(&place.spin);
	memset(&place, 0, sizeof(place));
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		in_turn();
	return 0;
}
