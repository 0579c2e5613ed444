/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A binary semaphore as a lock has no holder: the one who posts need not be the one who waited. And
 * a forked child gives back in its handlers what its parent took before the fork. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t lock;
static pthread_mutex_t big = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
	pthread_mutex_lock(&big);
}
static void give(void)
{
	pthread_mutex_unlock(&big);
}
static void *release(void *arg)
{
	sem_post(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;
	int status;
	pid_t pid;

	sem_init(&lock, 0, 1);
	sem_wait(&lock);
	pthread_create(&t, NULL, release, NULL);
	pthread_join(t, NULL);
	sem_wait(&lock);
	sem_post(&lock);
	sem_destroy(&lock);
	pthread_atfork(take, give, give);
	pid = fork();
	if (pid == 0)
		_exit(pthread_mutex_trylock(&big));
	waitpid(pid, &status, 0);
	return status;
}
