/* SPDX-License-Identifier: MIT */
/* expect: join-self error */
/* The worker tears its pool down, itself included. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

static void *work(void *arg)
{
	return (void *)(long)pthread_join(pthread_self(), arg);
}

int main(void)
{
	pthread_t t;
	void *result;

	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, &result);
	return result == (void *)EDEADLK ? 0 : 1;
}
