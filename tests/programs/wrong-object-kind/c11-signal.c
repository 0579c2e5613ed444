/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* cnd_signal() on the mutex that stands beside the condition variable. */
#include <stddef.h>
#include <threads.h>

struct queue {
	mtx_t lock;
	cnd_t more;
	int n;
};

static void wake(void *more)
{
	cnd_signal(more);
}

static int put(void *arg)
{
	struct queue *q = arg;

	mtx_lock(&q->lock);
	q->n++;
	mtx_unlock(&q->lock);
	wake((char *)q + offsetof(struct queue, lock));
	return 0;
}

int main(void)
{
	struct queue q = {.n = 0};
	thrd_t th;

	mtx_init(&q.lock, mtx_plain | mtx_recursive);
	cnd_init(&q.more);
	thrd_create(&th, put, &q);
	thrd_join(th, NULL);
	cnd_destroy(&q.more);
	mtx_destroy(&q.lock);
	return q.n - 1;
}
