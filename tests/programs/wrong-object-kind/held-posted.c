/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* A mutex that its owner holds is posted as if it were a semaphore, through the wrong member. */
#include <pthread.h>
#include <semaphore.h>

struct channel {
	union {
		pthread_mutex_t lock;
		sem_t filled; /* was the next member once */
	} u;
};

static struct channel channel;
static pthread_barrier_t both;

static void *sender(void *arg)
{
	pthread_mutex_lock(&channel.u.lock);
	pthread_barrier_wait(&both);
	pthread_barrier_wait(&both);
	pthread_mutex_unlock(&channel.u.lock);
	return arg;
}

int main(void)
{
	pthread_t th;

	pthread_mutex_init(&channel.u.lock, NULL);
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&th, NULL, sender, NULL);
	pthread_barrier_wait(&both);
	sem_post(&channel.u.filled);
	pthread_barrier_wait(&both);
	pthread_join(th, NULL);
	pthread_barrier_destroy(&both);
	pthread_mutex_destroy(&channel.u.lock);
	return 0;
}
