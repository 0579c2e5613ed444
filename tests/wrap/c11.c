/* SPDX-License-Identifier: MIT */
/* C11 threads: codes, waits, a ring. One scene an argument. */
#include "scene.h"

#include <threads.h>
#include <time.h>

static mtx_t a, b, odd;
static cnd_t cnd;
static int go;

static int waits(void *arg)
{
	mtx_lock(&a);
	while (!go)
		assert(cnd_wait(&cnd, &a) == thrd_success);
	mtx_unlock(&a);
	if (arg)
		thrd_exit(8);
	return 7;
}
static void sound(void)
{
	struct timespec past = {.tv_sec = 1}, short_time = {.tv_nsec = 1000};
	thrd_t t, u;
	int result;

	assert(mtx_init(&a, mtx_timed) == thrd_success &&
	       mtx_init(&odd, mtx_plain | mtx_recursive) == thrd_success);
	assert(cnd_init(&cnd) == thrd_success);
	assert(mtx_lock(&odd) == thrd_success && mtx_trylock(&odd) == thrd_success &&
	       mtx_unlock(&odd) == thrd_success && mtx_unlock(&odd) == thrd_success);
	assert(thrd_create(&t, waits, NULL) == thrd_success &&
	       thrd_create(&u, waits, &go) == thrd_success);
	ready();
	wait_for_go();
	assert(mtx_lock(&a) == thrd_success);
	assert(mtx_trylock(&a) == thrd_busy);
	assert(mtx_timedlock(&a, &past) == thrd_timedout);
	assert(cnd_timedwait(&cnd, &a, &past) == thrd_timedout);
	go = 1;
	assert(cnd_broadcast(&cnd) == thrd_success && cnd_signal(&cnd) == thrd_success);
	assert(mtx_unlock(&a) == thrd_success);
	assert(thrd_join(t, &result) == thrd_success && result == 7);
	assert(thrd_join(u, &result) == thrd_success && result == 8);
	assert(thrd_create(&t, waits, NULL) == thrd_success && thrd_detach(t) == thrd_success);
	assert(thrd_sleep(&short_time, NULL) == 0);
	thrd_yield();
	cnd_destroy(&cnd);
	mtx_destroy(&odd);
}

static pthread_barrier_t meet;
static int other_way(void *arg)
{
	mtx_lock(&b);
	pthread_barrier_wait(&meet);
	mtx_lock(&a);
	(void)arg;
	return 0;
}
static void ring(void)
{
	thrd_t t;

	pthread_barrier_init(&meet, NULL, 2);
	mtx_init(&a, mtx_plain);
	mtx_init(&b, mtx_plain);
	mtx_lock(&a);
	thrd_create(&t, other_way, NULL);
	pthread_barrier_wait(&meet);
	ready();
	mtx_lock(&b);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "ring"))
		ring();
	else
		sound();
	return 0;
}
