/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Released on every way out: by hand, by a cleanup handler, by a destructor of the thread's data.
 */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static pthread_key_t key;

static void unlock_mutex(void *m)
{
	pthread_mutex_unlock(m);
}
static void unlock_table(void *l)
{
	static int rounds;

	if (rounds++ < 2) /* not in the first round yet */
		pthread_setspecific(key, l);
	else
		pthread_rwlock_unlock(l);
}

static void *by_hand(void *name)
{
	pthread_mutex_lock(&lock);
	if (!name) {
		pthread_mutex_unlock(&lock);
		return NULL;
	}
	pthread_mutex_unlock(&lock);
	return name;
}
static void *by_handler(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock_mutex, &lock);
	pthread_exit(arg);
	pthread_cleanup_pop(1);
}
static void *by_destructor(void *arg)
{
	pthread_rwlock_rdlock(&table);
	pthread_setspecific(key, &table);
	return arg;
}

static void run(void *(*start)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, start, NULL);
	pthread_join(t, NULL);
}

int main(void)
{
	pthread_key_create(&key, unlock_table);
	run(by_hand);
	run(by_handler);
	run(by_destructor);
	return pthread_mutex_trylock(&lock) || pthread_rwlock_trywrlock(&table);
}
