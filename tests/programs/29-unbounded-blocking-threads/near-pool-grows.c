/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A pool grows by eight workers a round, and its workers idle between jobs. */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int jobs, idle;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		idle++;
		while (!jobs)
			pthread_cond_wait(&filled, &lock);
		idle--;
		jobs--;
	}
	return arg;
}

static int idling(int n)
{
	int is;

	pthread_mutex_lock(&lock);
	is = idle == n && !jobs;
	pthread_mutex_unlock(&lock);
	return is;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int r = 1; r <= 6; r++) {
		for (int i = 0; i < 8; i++) {
			if (pthread_create(&thread, &attr, worker, NULL))
				return 1;
			pthread_mutex_lock(&lock);
			jobs++;
			pthread_cond_signal(&filled);
			pthread_mutex_unlock(&lock);
		}
		usleep(100000);
		while (!idling(r * 8))
			usleep(1000);
	}
	return 0;
}
