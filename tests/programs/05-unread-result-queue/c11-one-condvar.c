/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* C11: one condition variable for both directions, a queue for each call. */
#include <stdlib.h>
#include <threads.h>
#include "../stuck-thread/hang.h"

struct call {
	mtx_t lock;
	cnd_t changed;
	int full;
	volatile int tid;
};
static struct call calls[3];

static int work(void *arg)
{
	struct call *c = arg;

	mtx_lock(&c->lock);
	c->full = 1;
	c->tid = own_tid();
	cnd_broadcast(&c->changed);
	while (c->full)
		cnd_wait(&c->changed, &c->lock);
	mtx_unlock(&c->lock);
	return 0;
}

static void ask(struct call *c)
{
	thrd_t t;

	mtx_init(&c->lock, mtx_plain);
	cnd_init(&c->changed);
	if (thrd_create(&t, work, c) != thrd_success)
		exit(1);
	thrd_detach(t);
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		ask(&calls[i]);
	for (int i = 0; i < 3; i++)
		until_asleep(&calls[i].tid);
	return 0;
}
