/* SPDX-License-Identifier: MIT */
/*
 * For the programs here: a thread that holds something while the process forks, and the child that
 * is to hang, or not. The parent ends a child that hangs.
 */
#ifndef FORK_H
#define FORK_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t fork_held, fork_let_go;

/* By the holder: it has what it takes; waits until the fork is over. */
static inline void fork_wait(void)
{
	sem_post(&fork_held);
	sem_wait(&fork_let_go);
}

/* The child has said that it is about to; then it has a moment, and must still be there. */
static inline int child_hangs(pid_t child, int said)
{
	const struct timespec moment = {0, 300000000};
	char c;
	int status;

	if (read(said, &c, 1) != 1)
		return 0;
	nanosleep(&moment, NULL);
	if (waitpid(child, &status, WNOHANG) != 0)
		return 0;
	kill(child, SIGKILL);
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

/* Starts `holder`, forks while it holds, runs `in_child` there. 0: it has hung. */
static inline int fork_and_hang(void *(*holder)(void *), void (*in_child)(void))
{
	pthread_t t;
	pid_t child;
	int p[2], hung;

	sem_init(&fork_held, 0, 0);
	sem_init(&fork_let_go, 0, 0);
	if (pipe(p) || pthread_create(&t, NULL, holder, NULL))
		return 1;
	sem_wait(&fork_held);
	child = fork();
	if (child == 0) {
		if (write(p[1], "x", 1) != 1)
			_exit(1);
		in_child();
		_exit(0);
	}
	hung = child > 0 && child_hangs(child, p[0]);
	sem_post(&fork_let_go);
	pthread_join(t, NULL);
	close(p[0]);
	close(p[1]);
	sem_destroy(&fork_held);
	sem_destroy(&fork_let_go);
	return hung ? 0 : 1;
}

/* The same where the child must get through, with status 0. */
static inline int fork_and_pass(void *(*holder)(void *), int (*in_child)(void))
{
	pthread_t t;
	pid_t child;
	int status;

	sem_init(&fork_held, 0, 0);
	sem_init(&fork_let_go, 0, 0);
	if (pthread_create(&t, NULL, holder, NULL))
		return 1;
	sem_wait(&fork_held);
	child = fork();
	if (child == 0)
		_exit(in_child());
	sem_post(&fork_let_go);
	pthread_join(t, NULL);
	sem_destroy(&fork_held);
	sem_destroy(&fork_let_go);
	return waitpid(child, &status, 0) == child ? status : 1;
}

#endif
