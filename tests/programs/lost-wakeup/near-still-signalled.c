/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* The first tick was not heard, but the ticker lives and will tick again. */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t tick = PTHREAD_COND_INITIALIZER;

static void *ticks(void *arg)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		pthread_cond_signal(&tick);
		pthread_mutex_unlock(&lock);
		sleep(30);
	}
	return arg;
}

static void *waits(void *arg)
{
	usleep(200000);
	pthread_mutex_lock(&lock);
	pthread_cond_wait(&tick, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, ticks, NULL);
	pthread_create(&b, NULL, waits, NULL);
	pthread_join(b, NULL);
	return 0;
}
