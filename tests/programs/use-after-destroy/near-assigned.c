/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Destroyed, then made anew by the bytes of a static initialiser, or by zeros where those are one.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

struct object {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_rwlock_t rwlock;
};

static void use(struct object *o)
{
	pthread_rwlock_rdlock(&o->rwlock);
	pthread_rwlock_unlock(&o->rwlock);
	pthread_mutex_lock(&o->mutex);
	pthread_cond_broadcast(&o->cond);
	pthread_mutex_unlock(&o->mutex);
	pthread_rwlock_wrlock(&o->rwlock);
	pthread_rwlock_unlock(&o->rwlock);
}

static void destroy(struct object *o)
{
	pthread_mutex_destroy(&o->mutex);
	pthread_cond_destroy(&o->cond);
	pthread_rwlock_destroy(&o->rwlock);
}

int main(void)
{
	static const struct object initial = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
					      PTHREAD_RWLOCK_INITIALIZER};
	static struct object o;
	static sem_t sem;

	for (int i = 0; i < 3; i++) {
		o = initial;
		use(&o);
		destroy(&o);
		pthread_mutex_init(&o.mutex, NULL);
		pthread_cond_init(&o.cond, NULL);
		pthread_rwlock_init(&o.rwlock, NULL);
		destroy(&o); /* never used: only its own mark tells it from a new one */
		memset(&o, 0, sizeof(o));
		use(&o);
		destroy(&o);
	}
	sem_init(&sem, 0, 0);
	sem_destroy(&sem);
	memset(&sem, 0, sizeof(sem));
	sem_post(&sem);
	return sem_trywait(&sem);
}
