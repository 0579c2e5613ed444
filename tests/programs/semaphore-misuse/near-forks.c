/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A child uses its copy for itself: fork handlers give back what the parent took, a thread of its
 * own is let go by it, a handler posts it, and an exit wakes a worker that only the parent has. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t lock, go, signalled, wake;

static void take(void)
{
	sem_wait(&lock);
}
static void give(void)
{
	sem_post(&lock);
}
static void handler(int sig)
{
	(void)sig;
	sem_post(&signalled);
}
static void *waits(void *arg)
{
	sem_wait(arg);
	return arg;
}
static void stop_worker(void)
{
	sem_post(&wake);
}

static void in_child(void)
{
	pthread_t t;

	pthread_create(&t, NULL, waits, &go);
	sem_post(&go);
	pthread_join(t, NULL);
	signal(SIGUSR1, handler);
	while (sem_wait(&signalled))
		;
	exit(0);
}

int main(void)
{
	struct timespec moment = {0, 50000000};
	int status;
	pthread_t t;
	pid_t pid;

	sem_init(&lock, 0, 1);
	sem_init(&go, 0, 0);
	sem_init(&signalled, 0, 0);
	sem_init(&wake, 0, 0);
	signal(SIGUSR1, handler); /* inherited: the child is never without it */
	pthread_create(&t, NULL, waits, &wake);
	nanosleep(&moment, NULL);
	pthread_atfork(take, give, give);
	atexit(stop_worker);
	pid = fork();
	if (pid == 0)
		in_child();
	nanosleep(&moment, NULL);
	kill(pid, SIGUSR1);
	waitpid(pid, &status, 0);
	stop_worker();
	pthread_join(t, NULL);
	return status;
}
