/* SPDX-License-Identifier: MIT */
/*
 * Real deadlocks: deadlock two|three|join|rwlock|semaphores|gone. Every thread has its first lock
 * before any asks for its second, so the ring closes each time. A thread without any lock says
 * "ready" at that moment; the others then hang for ever.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t fork_a = PTHREAD_MUTEX_INITIALIZER, fork_b = PTHREAD_MUTEX_INITIALIZER,
		       fork_c = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t book = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int expected, come;

/* Without a blocking call: a lock held over a barrier would be a finding of its own. */
static void meet(void)
{
	come++;
	while (come < expected)
		sched_yield();
}

static void *announcer(void *arg)
{
	meet();
	puts("ready");
	fflush(stdout);
	return arg;
}

static void *first_eater(void *arg)
{
	pthread_mutex_lock(&fork_a); /* first has */
	meet();
	pthread_mutex_lock(&fork_b); /* first wants */
	return arg;
}

static void *second_eater(void *arg)
{
	pthread_mutex_lock(&fork_b); /* second has */
	meet();
	pthread_mutex_lock(arg ? &fork_c : &fork_a); /* second wants */
	return arg;
}

static void *third_eater(void *arg)
{
	pthread_mutex_lock(&fork_c); /* third has */
	meet();
	pthread_mutex_lock(&fork_a); /* third wants */
	return arg;
}

static void *joined(void *arg)
{
	meet();
	pthread_mutex_lock(&fork_a); /* joined wants */
	pthread_mutex_unlock(&fork_a);
	return arg;
}

static void *reader(void *arg)
{
	pthread_rwlock_rdlock(&book); /* reader has */
	meet();
	pthread_mutex_lock(&fork_a); /* reader wants */
	return arg;
}

static void *writer(void *arg)
{
	pthread_mutex_lock(&fork_a); /* writer has */
	meet();
	pthread_rwlock_wrlock(&book); /* writer wants */
	return arg;
}

static sem_t ping, pong;

static void *first_player(void *arg)
{
	sem_post(&pong); /* first serves */
	sem_wait(&ping);
	meet();
	sem_wait(&ping); /* first waits */
	sem_post(&pong);
	return arg;
}

static void *second_player(void *arg)
{
	sem_post(&ping); /* second serves */
	sem_wait(&pong);
	meet();
	sem_wait(&pong); /* second waits */
	sem_post(&ping);
	return arg;
}

/* Of those who wait for each other's post none is left but one: the other has ended. */
static void *left_alone(void *arg)
{
	sem_wait(&ping);
	meet();
	sem_wait(&ping); /* alone waits */
	return arg;
}

static void *leaves(void *arg)
{
	sem_post(&ping); /* leaver serves */
	meet();
	return arg;
}

static pthread_t start(void *(*run)(void *), void *arg)
{
	pthread_t t;

	if (pthread_create(&t, NULL, run, arg))
		exit(2);
	return t;
}

static void join_with_lock(void)
{
	pthread_t t;

	pthread_mutex_lock(&fork_a); /* joiner has */
	t = start(joined, NULL);
	meet();
	pthread_join(t, NULL); /* joiner wants */
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	int three = !strcmp(kind, "three");

	expected = three ? 4 : 3;
	pthread_detach(start(announcer, NULL));
	if (!strcmp(kind, "join")) {
		join_with_lock();
	} else if (!strcmp(kind, "rwlock")) {
		start(reader, NULL);
		pthread_join(start(writer, NULL), NULL);
	} else if (!strcmp(kind, "semaphores")) {
		start(first_player, NULL);
		pthread_join(start(second_player, NULL), NULL);
	} else if (!strcmp(kind, "gone")) {
		start(leaves, NULL);
		pthread_join(start(left_alone, NULL), NULL);
	} else if (three || !strcmp(kind, "two")) {
		if (three)
			start(third_eater, NULL);
		start(first_eater, NULL);
		pthread_join(start(second_eater, three ? &fork_c : NULL), NULL);
	}
	return 2;
}
