/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* All kinds are destroyed and initialised again, over and over, and used between. */
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static pthread_rwlock_t rwlock;
static pthread_spinlock_t spin;
static sem_t sem;
static pthread_barrier_t barrier;

static void one_life(void)
{
	pthread_mutex_init(&mutex, NULL);
	pthread_cond_init(&cond, NULL);
	pthread_rwlock_init(&rwlock, NULL);
	pthread_spin_init(&spin, 0);
	sem_init(&sem, 0, 0);
	pthread_barrier_init(&barrier, NULL, 1);
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&mutex);
		pthread_rwlock_wrlock(&rwlock);
		pthread_spin_lock(&spin);
		pthread_cond_signal(&cond);
		sem_post(&sem);
		sem_wait(&sem);
		pthread_spin_unlock(&spin);
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		pthread_mutex_unlock(&mutex);
		pthread_barrier_wait(&barrier);
	}
	pthread_mutex_destroy(&mutex);
	pthread_cond_destroy(&cond);
	pthread_rwlock_destroy(&rwlock);
	pthread_spin_destroy(&spin);
	sem_destroy(&sem);
	pthread_barrier_destroy(&barrier);
}

int main(void)
{
	for (int i = 0; i < 100; i++)
		one_life();
	return 0;
}
