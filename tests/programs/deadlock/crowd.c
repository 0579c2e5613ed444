/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* Three in a ring, through helpers and with recursive locks; a hundred others merely queue up
 * behind. */
#include <semaphore.h>

#include "ring.h"

static pthread_mutex_t lock[3];
static sem_t ready;

static __attribute__((noinline)) void enter(pthread_mutex_t *m)
{
	pthread_mutex_lock(m);
	__asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void enter_object(int i)
{
	enter(&lock[i % 3]);
	__asm__ volatile("" ::: "memory");
}

static void *member(void *arg)
{
	int i = (int)(long)arg;

	enter_object(i);
	enter_object(i);
	all_hold();
	sem_post(&ready);
	enter_object(i + 1);
	return NULL;
}

static void *bystander(void *arg)
{
	enter_object(0);
	return arg;
}

int main(void)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	sem_init(&ready, 0, 0);
	meet(3);
	for (int i = 0; i < 3; i++)
		pthread_mutex_init(&lock[i], &a);
	for (long i = 0; i < 3; i++)
		start(member, (void *)i);
	for (int i = 0; i < 3; i++)
		sem_wait(&ready);
	for (int i = 0; i < 100; i++)
		start(bystander, NULL);
	return hang_a_while();
}
