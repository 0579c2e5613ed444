/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* One of two has come; libc's destroy waits for it, and it waits for the second. */
#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t turn;

static void *comes(void *arg)
{
	pthread_barrier_wait(&turn);
	return arg;
}
static void *destroys(void *arg)
{
	pthread_barrier_destroy(&turn);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, comes, NULL);
	pthread_detach(t);
	while (!*(volatile unsigned *)&turn)
		;
	usleep(50000);
	pthread_create(&t, NULL, destroys, NULL);
	pthread_detach(t);
	usleep(200000);
	_exit(0);
}
