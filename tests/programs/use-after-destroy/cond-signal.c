/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* The consumer destroys its queue when it has the last item; the producer signals once more. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more, gone;
static int items, closed;

static void *consumer(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!items)
		pthread_cond_wait(&more, &lock);
	items--;
	pthread_cond_destroy(&more);
	closed = 1;
	pthread_cond_signal(&gone);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_cond_init(&more, NULL);
	pthread_cond_init(&gone, NULL);
	pthread_create(&t, NULL, consumer, NULL);
	pthread_mutex_lock(&lock);
	items++;
	pthread_cond_signal(&more);
	while (!closed)
		pthread_cond_wait(&gone, &lock);
	pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
	pthread_join(t, NULL);
	pthread_cond_destroy(&gone);
	return 0;
}
