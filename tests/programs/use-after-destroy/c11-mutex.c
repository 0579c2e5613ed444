/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* C11: the log is closed twice over: closed, then written to by a thread's destructor. */
#include <threads.h>

static mtx_t lock;
static tss_t key;
static int lines;

static void say(void *arg)
{
	(void)arg;
	if (mtx_lock(&lock) == thrd_success)
		mtx_unlock(&lock);
	lines++;
}

static int works(void *arg)
{
	(void)arg;
	tss_set(key, &lines);
	mtx_destroy(&lock);
	return 0;
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock, mtx_plain);
	tss_create(&key, say);
	say(NULL);
	thrd_create(&t, works, NULL);
	thrd_join(t, NULL);
	return lines != 2;
}
