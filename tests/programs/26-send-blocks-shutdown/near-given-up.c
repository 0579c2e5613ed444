/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The send is given up on stop. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, room = PTHREAD_COND_INITIALIZER;
static int n, stop;

static void *produce(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!stop) {
		while (n == 2 && !stop)
			pthread_cond_wait(&room, &lock);
		n += !stop;
		pthread_cond_signal(&more);
	}
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, produce, NULL))
		return 1;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 5; i++) {
		while (n == 0)
			pthread_cond_wait(&more, &lock);
		n--;
		pthread_cond_signal(&room);
	}
	stop = 1;
	pthread_cond_broadcast(&room);
	pthread_mutex_unlock(&lock);
	pthread_join(t, NULL);
	return 0;
}
