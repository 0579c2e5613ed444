/* SPDX-License-Identifier: MIT */
/* expect: queue-never-closed warning */
/* C11: a session thread starts its consumer, feeds it and ends; nobody told the consumer. */
#include <stdlib.h>
#include <threads.h>
#include "../stuck-thread/hang.h"

static mtx_t lock;
static cnd_t more, fewer;
static int items;
static volatile int tid, taken;

static int consume(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	tid = own_tid();
	for (;;) {
		while (!items)
			cnd_wait(&more, &lock);
		items = 0;
		taken++;
		cnd_signal(&fewer);
	}
	return 0;
}

static int session(void *arg)
{
	thrd_t t;

	(void)arg;
	if (thrd_create(&t, consume, NULL) != thrd_success)
		exit(1);
	thrd_detach(t);
	for (int i = 0; i < 4; i++) {
		mtx_lock(&lock);
		while (items)
			cnd_wait(&fewer, &lock);
		items = 1;
		cnd_signal(&more);
		mtx_unlock(&lock);
	}
	return 0;
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock, mtx_plain);
	cnd_init(&more);
	cnd_init(&fewer);
	if (thrd_create(&t, session, NULL) != thrd_success)
		return 1;
	thrd_join(t, NULL);
	while (taken < 4)
		usleep(1000);
	until_asleep(&tid);
	return 0;
}
