/* SPDX-License-Identifier: MIT */
/* expect: double-init error */
/* A second thread opens what a first one holds: two are in the section at the same time. */
#include <pthread.h>

static pthread_mutex_t lock;
static pthread_barrier_t turn;
static int inside, both;

static void enters(void)
{
	pthread_mutex_lock(&lock);
	both += __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) == 2;
}

static void *second(void *arg)
{
	pthread_barrier_wait(&turn);
	pthread_mutex_init(&lock, NULL);
	enters();
	pthread_mutex_unlock(&lock);
	pthread_barrier_wait(&turn);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, second, NULL);
	pthread_mutex_init(&lock, NULL);
	enters();
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&turn);
	return !both;
}
