/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Consumers of a pipe and of semaphores that are told to stop, and joined. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static int fd[2];
static sem_t items;
static volatile int stop;

static void *by_pipe(void *arg)
{
	char byte;

	while (read(fd[0], &byte, 1) == 1)
		++*(int *)arg;
	return NULL;
}

static void *by_sem(void *arg)
{
	for (sem_wait(&items); !stop; sem_wait(&items))
		++*(int *)arg;
	return NULL;
}

int main(void)
{
	pthread_t a, b;
	int lines = 0, got = 0;

	sem_init(&items, 0, 0);
	if (pipe(fd) || pthread_create(&a, NULL, by_pipe, &lines) ||
	    pthread_create(&b, NULL, by_sem, &got))
		return 1;
	for (int i = 0; i < 5; i++) {
		if (write(fd[1], "x", 1) != 1)
			return 1;
		sem_post(&items);
	}
	close(fd[1]);
	stop = 1;
	sem_post(&items);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	close(fd[0]);
	sem_destroy(&items);
	return lines != 5;
}
