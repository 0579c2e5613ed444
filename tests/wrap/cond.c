/* SPDX-License-Identifier: MIT */
/*
 * Condition variables: results, cancellation in a wait, destruction by the one who wakes.
 */
#include "scene.h"

#include <time.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int turn, waiting;

static void timeouts(void)
{
	struct timespec past = {1, 0};
	pthread_mutex_t e;
	pthread_mutexattr_t a;

	pthread_mutex_lock(&m);
	errno = 4242;
	assert(pthread_cond_timedwait(&c, &m, &past) == ETIMEDOUT);
	assert(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
	past.tv_nsec = -1;
	assert(pthread_cond_timedwait(&c, &m, &past) == EINVAL);
	assert(errno == 4242);
	assert(pthread_mutex_trylock(&m) == EBUSY); /* still ours */
	pthread_mutex_unlock(&m);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&e, &a);
	assert(pthread_cond_wait(&c, &e) == EPERM); /* not held */
	pthread_mutex_destroy(&e);
}

static void unlock_it(void *arg)
{
	assert(pthread_mutex_unlock(arg) == 0);
}
static void unlock_deeper(void *arg)
{
	char room[256];

	memset(room, 1, sizeof(room));
	__asm__ volatile("" : : "r"(room) : "memory");
	unlock_it(arg);
}
static void *waits(void *how)
{
	pthread_mutex_lock(&m);
	waiting++;
	pthread_cleanup_push(how ? unlock_deeper : (void (*)(void *))pthread_mutex_unlock, &m);
	while (1)
		pthread_cond_wait(&c, &m);
	pthread_cleanup_pop(1);
	return NULL;
}
static void *waits_and_leaves_it(void *arg)
{
	pthread_mutex_lock(&m);
	pthread_cleanup_push(unlock_it, &m);
	waiting++;
	pthread_cond_wait(&c, &m);
	pthread_cleanup_pop(1);
	return arg;
}

/* Both ways to write the handler; the mutex must be free afterwards. */
static void canceled(void)
{
	for (int i = 0; i < 20; i++) {
		pthread_t t[3] = {spawn(waits, NULL), spawn(waits, &m),
				  spawn(waits_and_leaves_it, NULL)};
		void *result;

		for (int seen = 0; seen < 3 * (i + 1);) {
			pthread_mutex_lock(&m); /* who counted is in the wait once this succeeds */
			seen = waiting;
			pthread_mutex_unlock(&m);
		}
		for (int k = 0; k < 3; k++)
			pthread_cancel(t[k]);
		for (int k = 0; k < 3; k++) {
			assert(pthread_join(t[k], &result) == 0);
			assert(result == PTHREAD_CANCELED);
		}
		assert(pthread_mutex_trylock(&m) == 0);
		pthread_mutex_unlock(&m);
	}
	ready();
	wait_for_go();
}

/* POSIX allows to destroy a condvar as soon as its waiters have been woken; the memory is then
 * another one's at once. */
struct box {
	pthread_mutex_t m;
	pthread_cond_t c;
	int go, in;
};
static void *once_woken(void *arg)
{
	struct box *b = arg;

	pthread_mutex_lock(&b->m);
	b->in++;
	while (!b->go)
		pthread_cond_wait(&b->c, &b->m);
	pthread_mutex_unlock(&b->m);
	return NULL;
}
static void destroyed_at_once(void)
{
	static struct box b;

	pthread_mutex_init(&b.m, NULL);
	for (int i = 0; i < 200; i++) {
		pthread_t t[3];

		b.go = b.in = 0;
		pthread_cond_init(&b.c, NULL);
		for (int k = 0; k < 3; k++)
			t[k] = spawn(once_woken, &b);
		for (int in = 0; in < 3;) {
			pthread_mutex_lock(&b.m);
			in = b.in;
			pthread_mutex_unlock(&b.m);
		}
		pthread_mutex_lock(&b.m);
		b.go = 1;
		pthread_cond_broadcast(&b.c);
		pthread_mutex_unlock(&b.m);
		pthread_cond_destroy(&b.c);
		for (int k = 0; k < 3; k++)
			join(t[k]);
	}
	ready();
	wait_for_go();
}

static void *other_side(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&m);
		while (turn != 1)
			pthread_cond_wait(&c, &m);
		turn = 0;
		pthread_cond_broadcast(&c);
		pthread_mutex_unlock(&m);
	}
	return arg;
}
static void ping_pong(void)
{
	pthread_t t = spawn(other_side, NULL);

	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&m);
		while (turn != 0)
			pthread_cond_wait(&c, &m);
		turn = 1;
		pthread_cond_broadcast(&c);
		pthread_mutex_unlock(&m);
	}
	join(t);
	ready();
	wait_for_go();
}

static void *blocks(void *arg)
{
	pthread_mutex_lock(&m);
	while (!turn)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	return arg;
}
static void shown(void)
{
	pthread_t t = spawn(blocks, NULL);

	ready();
	wait_for_go();
	pthread_mutex_lock(&m);
	turn = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	join(t);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} scenes[] = {{"timeouts", timeouts},
		      {"canceled", canceled},
		      {"destroyed", destroyed_at_once},
		      {"ping-pong", ping_pong},
		      {"shown", shown}};

	for (unsigned i = 0; argc > 1 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (strcmp(argv[1], scenes[i].name) == 0) {
			scenes[i].fn();
			return 0;
		}
	return 2;
}
