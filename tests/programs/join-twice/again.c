/* SPDX-License-Identifier: MIT */
/* expect: join-twice error */
/* The owner joins, and so does the one who shuts down. */
#include <errno.h>
#include <pthread.h>

static pthread_t worker;

static void *work(void *arg)
{
	return arg;
}

static __attribute__((noinline)) int shut_down(void)
{
	return pthread_join(worker, NULL);
}

int main(void)
{
	pthread_create(&worker, NULL, work, NULL);
	pthread_join(worker, NULL);
	return shut_down() == ESRCH ? 0 : 1;
}
