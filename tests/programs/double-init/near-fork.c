/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A forked child makes the locks anew that other threads of its parent held. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock;
static pthread_cond_t cond;
static pthread_barrier_t turn;

static void *holds(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	pthread_mutex_unlock(&lock);
	return arg;
}

static int child(void)
{
	pthread_mutex_init(&lock, NULL);
	pthread_cond_init(&cond, NULL);
	pthread_mutex_lock(&lock);
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&lock);
	return 0;
}

int main(void)
{
	pthread_t t;
	int status;
	pid_t pid;

	pthread_mutex_init(&lock, NULL);
	pthread_cond_init(&cond, NULL);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, holds, NULL);
	pthread_barrier_wait(&turn);
	pid = fork();
	if (pid == 0)
		_exit(child());
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_mutex_destroy(&lock);
	pthread_cond_destroy(&cond);
	pthread_barrier_destroy(&turn);
	return waitpid(pid, &status, 0) != pid || status;
}
