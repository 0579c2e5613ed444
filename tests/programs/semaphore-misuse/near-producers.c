/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* More posts than waits, as it should be: things made and not yet taken; a limit that main raises;
 * tasks that make tasks; a producer who was faster than his consumer. */
#include <pthread.h>
#include <semaphore.h>

static sem_t made, limit, tasks;

static void *consumer(void *arg)
{
	sem_wait(&made);
	return arg;
}
static void *guest(void *arg)
{
	sem_wait(&limit);
	sem_post(&limit);
	return arg;
}
static void *task(void *arg)
{
	sem_wait(&tasks);
	sem_post(&tasks);
	sem_post(&tasks);
	return arg;
}

static void run(void *(*start)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, start, NULL);
	pthread_join(t, NULL);
}

int main(void)
{
	sem_init(&made, 0, 1);
	sem_init(&limit, 0, 1);
	sem_init(&tasks, 0, 0);
	for (int i = 0; i < 5; i++)
		sem_post(&made);
	run(consumer);
	sem_post(&limit);
	run(guest);
	sem_post(&tasks);
	run(task);
	run(task);
	sem_destroy(&made);
	sem_destroy(&limit);
	return sem_destroy(&tasks);
}
