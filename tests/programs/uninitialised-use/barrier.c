/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <pthread.h>
#include <unistd.h>
#include "junk.h"

static void *waits(void *b)
{
	pthread_barrier_wait(b);
	return NULL;
}

int main(void)
{
	pthread_barrier_t *b = junk(sizeof(*b));
	pthread_t t;

	memset(b, 0, 8); /* with all of it libc aborts, or divides by zero */
	memset((char *)b + 12, 0, sizeof(*b) - 12);

	pthread_create(&t, NULL, waits, b);
	pthread_detach(t);
	usleep(100000);
	_exit(0);
}
