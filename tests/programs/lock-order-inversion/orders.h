/* SPDX-License-Identifier: MIT */
/* Two locks, taken either way round. */
#ifndef ORDERS_H
#define ORDERS_H

#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static inline void *a_then_b(void *arg)
{
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	return arg;
}

static inline void *b_then_a(void *arg)
{
	pthread_mutex_lock(&b);
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return arg;
}

/* Runs it in a thread of its own, to the end. */
static inline void run(void *(*f)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, f, NULL);
	pthread_join(t, NULL);
}

/* The luck that keeps a broken program from its deadlock in this run: threads come one after the
 * other, and nothing in the program makes them. */
static int chance;

static inline void by_chance_after(int turn)
{
	while (__atomic_load_n(&chance, __ATOMIC_ACQUIRE) < turn)
		usleep(200);
}
static inline void chance_has_it(void)
{
	__atomic_add_fetch(&chance, 1, __ATOMIC_RELEASE);
}

#endif
