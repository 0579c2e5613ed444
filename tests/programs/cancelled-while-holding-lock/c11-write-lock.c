/* SPDX-License-Identifier: MIT */
/* expect: cancelled-while-holding-lock error */
/* A C11 thread is cancelled by its POSIX handle in a read() under a C11 mutex. */
#include <pthread.h>
#include <threads.h>
#include <unistd.h>

static mtx_t lock;
static int ends[2], ready[2];

static int reader(void *arg)
{
	char c;

	(void)arg;
	mtx_lock(&lock);
	if (write(ready[1], "", 1) == 1 && read(ends[0], &c, 1) == 1)
		c = 0;
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t t;
	char c;

	mtx_init(&lock, mtx_plain);
	if (pipe(ends) || pipe(ready))
		return 1;
	thrd_create(&t, reader, NULL);
	if (read(ready[0], &c, 1) != 1)
		return 1;
	pthread_cancel(t);
	thrd_join(t, NULL);
	return mtx_trylock(&lock) == thrd_busy ? 0 : 1;
}
