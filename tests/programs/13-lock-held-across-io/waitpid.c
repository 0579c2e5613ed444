/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* A child is waited for under the lock. It was forked before the lock was taken. */
#include "peer.h"
#include <sys/wait.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t waiting;
static int ended, looks;

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&waiting);
		pthread_mutex_lock(&lock);
		looks += ended > i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	die_unless(pid >= 0, "fork");
	if (pid == 0) {
		sleep_ms(SLOW_MS);
		_exit(0);
	}
	return pid;
}

static void reap_child(pid_t pid)
{
	int status = 1;

	pthread_mutex_lock(&lock);
	sem_post(&waiting);
	die_unless(waitpid(pid, &status, 0) == pid, "waitpid");
	ended += status == 0;
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pid_t children[ROUNDS];
	pthread_t observer;

	die_unless(sem_init(&waiting, 0, 0) == 0, "sem_init");
	children[0] = start_child(); /* a process with one thread here */
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++) {
		reap_child(children[i]);
		pthread_mutex_lock(&lock); /* nobody else holds it while the next one is forked */
		if (i + 1 < ROUNDS)
			children[i + 1] = start_child();
		pthread_mutex_unlock(&lock);
	}
	pthread_join(observer, NULL);
	sem_destroy(&waiting);
	return ended != ROUNDS || looks != ROUNDS;
}
