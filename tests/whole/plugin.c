/* SPDX-License-Identifier: MIT */
/* The plugin of plugin_user.c; it locks, and has a thread, so that its code is in the tables when
 * it goes. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *arg)
{
	pthread_mutex_lock(&lock);
	*(int *)arg += 1;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int plug_answer(void)
{
	int n = 41;
	pthread_t t;

	if (pthread_create(&t, 0, work, &n) || pthread_join(t, 0))
		return 0;
	return n;
}
