/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Locks held over a fork and given back, or made anew, in the child: by handlers, by init, by
 * assignment. */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t handled = PTHREAD_MUTEX_INITIALIZER, made = PTHREAD_MUTEX_INITIALIZER,
		       assigned = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *const all[] = {&handled, &made, &assigned};

static void before(void)
{
	pthread_mutex_lock(&handled);
}

static void after(void)
{
	pthread_mutex_unlock(&handled);
}

static void *use(void *arg)
{
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(all[i % 3]);
		sched_yield();
		pthread_mutex_unlock(all[i % 3]);
	}
	return arg;
}

static int child_goes_on(void)
{
	pthread_t t;

	pthread_mutex_init(&made, NULL);
	assigned = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (pthread_create(&t, NULL, use, NULL))
		return 1;
	use(NULL);
	pthread_join(t, NULL);
	return 0;
}

int main(void)
{
	pid_t child;
	int status;

	pthread_atfork(before, after, after);
	pthread_mutex_lock(&made);
	pthread_mutex_lock(&assigned);
	child = fork();
	if (child == 0)
		_exit(child_goes_on());
	pthread_mutex_unlock(&assigned);
	pthread_mutex_unlock(&made);
	return waitpid(child, &status, 0) == child ? status : 1;
}
