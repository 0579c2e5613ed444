/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* C11: the producer signals each item but not the end; the consumer waits for more, its owner for
 * the consumer. */
#include <threads.h>

static mtx_t lock;
static cnd_t more, fewer;
static int items, done;

static int produce(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		mtx_lock(&lock);
		while (items)
			cnd_wait(&fewer, &lock);
		items++;
		cnd_signal(&more);
		mtx_unlock(&lock);
	}
	return 0; /* done = 1 and a signal are missing */
}

static int consume(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	while (!done) {
		while (!items && !done)
			cnd_wait(&more, &lock);
		items = 0;
		cnd_signal(&fewer);
	}
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t a, b;

	mtx_init(&lock, mtx_plain);
	cnd_init(&more);
	cnd_init(&fewer);
	thrd_create(&b, consume, NULL);
	thrd_create(&a, produce, NULL);
	thrd_join(a, NULL);
	thrd_join(b, NULL);
	return 1;
}
