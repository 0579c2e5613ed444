/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* The worker posts its result and waits for the word that it was taken; on an error path the caller
 * returns without asking. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

struct call {
	sem_t ready, taken;
	volatile int tid;
	int value;
};
static struct call *left[16];
static int nleft;

static void *work(void *arg)
{
	struct call *c = arg;

	c->value = 7;
	c->tid = own_tid();
	sem_post(&c->ready);
	sem_wait(&c->taken);
	return NULL;
}

static int ask(int i)
{
	struct call *c = calloc(1, sizeof(*c));
	pthread_t t;

	sem_init(&c->ready, 0, 0);
	sem_init(&c->taken, 0, 0);
	if (pthread_create(&t, NULL, work, c))
		exit(1);
	if (i % 2) {
		left[nleft++] = c;
		return -1;
	}
	sem_wait(&c->ready);
	i = c->value;
	sem_post(&c->taken);
	pthread_join(t, NULL);
	sem_destroy(&c->ready);
	sem_destroy(&c->taken);
	free(c);
	return i;
}

int main(void)
{
	for (int i = 0; i < 8; i++)
		ask(i);
	for (int i = 0; i < nleft; i++)
		until_asleep(&left[i]->tid);
	return nleft != 4;
}
