/* SPDX-License-Identifier: MIT */
/* expect: lost-wakeup warning */
/* hangs: --timeout 1 -> 124 */
/* The worker signals that it is ready; main comes later and waits without looking. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;

static void *work(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, NULL); /* so that it was surely first */
	pthread_mutex_lock(&lock);
	pthread_cond_wait(&ready, &lock);
	pthread_mutex_unlock(&lock);
	return 1;
}
