/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* hangs: --timeout 1 -> 124 */
/* C11: waits for a reply and keeps the lock that who replies needs. */
#include <stdatomic.h>
#include <threads.h>

static mtx_t table, lock;
static cnd_t replied;
static atomic_int asked;
static int reply;

static int ask(void *arg)
{
	(void)arg;
	mtx_lock(&table);
	mtx_lock(&lock);
	asked = 1;
	while (!reply)
		cnd_wait(&replied, &lock);
	mtx_unlock(&lock);
	mtx_unlock(&table);
	return 0;
}

static int answer(void *arg)
{
	(void)arg;
	while (!asked)
		thrd_yield();
	mtx_lock(&table);
	mtx_unlock(&table);
	mtx_lock(&lock);
	reply = 1;
	cnd_signal(&replied);
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t a, b;

	mtx_init(&table, mtx_plain);
	mtx_init(&lock, mtx_plain);
	cnd_init(&replied);
	thrd_create(&a, ask, NULL);
	thrd_create(&b, answer, NULL);
	thrd_join(a, NULL);
	thrd_join(b, NULL);
	return 1;
}
