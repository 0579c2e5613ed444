/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* A timed wait is given the rwlock that guards the data as its mutex. */
#include <pthread.h>
#include <time.h>

static struct {
	pthread_rwlock_t lock;
	pthread_cond_t more;
} data;

static int wait_for_more(void *lock)
{
	struct timespec past = {.tv_sec = 1};

	return pthread_cond_timedwait(&data.more, lock, &past);
}

int main(void)
{
	pthread_rwlock_init(&data.lock, NULL);
	pthread_cond_init(&data.more, NULL);
	pthread_rwlock_rdlock(&data.lock);
	wait_for_more(&data.lock);
	pthread_cond_destroy(&data.more);
	return 0;
}
