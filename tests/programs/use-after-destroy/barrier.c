/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* The barrier is destroyed after the first round; one thread comes for another. glibc lets it
 * through or not, so that it is left behind. */
#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t round_;

static void *runs(void *arg)
{
	pthread_barrier_wait(&round_);
	return arg;
}

static void *late(void *arg)
{
	pthread_barrier_wait(&round_);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&round_, NULL, 2);
	pthread_create(&t, NULL, runs, NULL);
	pthread_barrier_wait(&round_);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&round_);
	pthread_create(&t, NULL, late, NULL);
	pthread_detach(t);
	usleep(200000);
	_exit(0);
}
