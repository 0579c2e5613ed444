/* SPDX-License-Identifier: MIT */
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
/* C11: an unbuffered monitor queue; the owner takes two values and joins. */
#include <threads.h>

static mtx_t lock;
static cnd_t ready, taken;
static int full;

static int produce(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++) {
		mtx_lock(&lock);
		full = 1;
		cnd_signal(&ready);
		while (full)
			cnd_wait(&taken, &lock);
		mtx_unlock(&lock);
	}
	return 0;
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock, mtx_plain);
	cnd_init(&ready);
	cnd_init(&taken);
	thrd_create(&t, produce, NULL);
	for (int i = 0; i < 2; i++) {
		mtx_lock(&lock);
		while (!full)
			cnd_wait(&ready, &lock);
		full = 0;
		cnd_signal(&taken);
		mtx_unlock(&lock);
	}
	thrd_join(t, NULL);
	return 1;
}
