/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Taken before a fork, given back by both; unlocked out of order; a semaphore posted by another
 * thread. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static sem_t sem;

static void *posts(void *arg)
{
	sem_post(&sem);
	return arg;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	sem_init(&sem, 0, 0);
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	child = fork();
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	if (child == 0)
		_exit(0);
	pthread_create(&t, NULL, posts, NULL);
	sem_wait(&sem);
	pthread_join(t, NULL);
	return waitpid(child, NULL, 0) == child ? 0 : 1;
}
