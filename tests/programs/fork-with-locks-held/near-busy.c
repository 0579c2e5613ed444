/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A process whose threads hold locks all the time forks again and again; its children have a lock
 * of their own and threads that wait for it, and nothing to do with the parent's. */
#include <sched.h>
#include "fork.h"

static pthread_mutex_t parents = PTHREAD_MUTEX_INITIALIZER, own;
static volatile int stop;

static void *busy(void *arg)
{
	while (!stop) {
		pthread_mutex_lock(&parents);
		sched_yield();
		pthread_mutex_unlock(&parents);
		sched_yield();
	}
	return arg;
}

static void *use(void *arg)
{
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&own);
		sched_yield();
		pthread_mutex_unlock(&own);
	}
	return arg;
}

static int child(void)
{
	pthread_t t[2];

	pthread_mutex_init(&own, NULL);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, use, NULL))
			return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}

int main(void)
{
	pthread_t t[2];
	int status, bad = 0;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, busy, NULL))
			return 1;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(child());
		bad |= waitpid(pid, &status, 0) != pid || status;
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return bad;
}
