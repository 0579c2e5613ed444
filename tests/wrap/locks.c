/* SPDX-License-Identifier: MIT */
/* Reader-writer locks, spinlocks, barriers and onces: waits, rings, misuse. One scene an argument.
 */
#include "scene.h"

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier, meet;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *reads(void *arg)
{
	assert(pthread_rwlock_rdlock(&rw) == 0);
	assert(pthread_rwlock_unlock(&rw) == 0);
	return arg;
}
static void *writes(void *arg)
{
	assert(pthread_rwlock_wrlock(&rw) == 0);
	assert(pthread_rwlock_unlock(&rw) == 0);
	return arg;
}
static void rwlock_waits(void)
{
	pthread_t a, b;

	assert(pthread_rwlock_wrlock(&rw) == 0);
	a = spawn(reads, NULL);
	b = spawn(writes, NULL);
	ready();
	wait_for_go();
	assert(pthread_rwlock_unlock(&rw) == 0);
	join(a);
	join(b);
}

static void upgrade(void)
{
	assert(pthread_rwlock_rdlock(&rw) == 0);
	ready();
	pthread_rwlock_wrlock(&rw);
}

static void *mutex_then_write(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_barrier_wait(&meet);
	pthread_rwlock_wrlock(&rw);
	return arg;
}
static void reader_and_mutex(void)
{
	pthread_barrier_init(&meet, NULL, 2);
	spawn(mutex_then_write, NULL);
	pthread_rwlock_rdlock(&rw);
	pthread_barrier_wait(&meet);
	ready();
	pthread_mutex_lock(&mutex);
}

/* Reads again while a writer waits: sound where readers come first, a ring where writers do. */
static pthread_rwlock_t *again;
static void *writes_again(void *arg)
{
	assert(pthread_rwlock_wrlock(again) == 0);
	assert(pthread_rwlock_unlock(again) == 0);
	return arg;
}
static void read_again(int kind)
{
	static pthread_rwlock_t l;
	pthread_rwlockattr_t attr;
	pthread_t t;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, kind);
	pthread_rwlock_init(again = &l, &attr);
	assert(pthread_rwlock_rdlock(&l) == 0);
	t = spawn(writes_again, NULL);
	ready();
	wait_for_go(); /* the writer waits */
	assert(pthread_rwlock_rdlock(&l) == 0);
	assert(pthread_rwlock_unlock(&l) == 0);
	assert(pthread_rwlock_unlock(&l) == 0);
	join(t);
}
static void readers_first(void)
{
	read_again(PTHREAD_RWLOCK_PREFER_READER_NP);
}
static void writers_first(void)
{
	read_again(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
}

static void spin_twice(void)
{
	pthread_spin_init(&spin, 0);
	pthread_spin_lock(&spin);
	ready();
	pthread_spin_lock(&spin);
}

static void nothing(void)
{
}
static void *calls_once(void *arg)
{
	pthread_once(&once, nothing);
	return arg;
}
static void joins_inside(void)
{
	pthread_t t = spawn(calls_once, NULL);

	ready();
	pthread_join(t, NULL);
}
static void once_ring(void)
{
	pthread_once(&once, joins_inside);
}
static void once_inside(void)
{
	ready();
	pthread_once(&once, nothing);
}
static void once_self(void)
{
	pthread_once(&once, once_inside);
}

static void slow(void)
{
	pthread_barrier_wait(&meet);
	ready();
	wait_for_go();
}
static void *runs_slow(void *arg)
{
	pthread_once(&once, slow);
	return arg;
}
static void once_waits(void)
{
	pthread_t a, b;

	pthread_barrier_init(&meet, NULL, 2);
	a = spawn(runs_slow, NULL);
	pthread_barrier_wait(&meet); /* it is inside */
	b = spawn(calls_once, NULL);
	join(a);
	join(b);
}

static void *meets(void *arg)
{
	int rc = pthread_barrier_wait(&barrier);

	assert(rc == 0 || rc == PTHREAD_BARRIER_SERIAL_THREAD);
	return arg;
}
static void barrier_waits(void)
{
	pthread_t a, b;

	assert(pthread_barrier_init(&barrier, NULL, 3) == 0);
	a = spawn(meets, NULL);
	b = spawn(meets, NULL);
	ready();
	wait_for_go();
	meets(NULL);
	join(a);
	join(b);
	assert(pthread_barrier_destroy(&barrier) == 0);
}

static void *unlocks(void *arg)
{
	pthread_spin_unlock(arg);
	return NULL;
}
static void misuse(void)
{
	pthread_barrier_t none;

	assert(pthread_rwlock_wrlock(&rw) == 0);
	assert(pthread_rwlock_wrlock(&rw) == EDEADLK);
	assert(pthread_rwlock_rdlock(&rw) == EDEADLK);
	assert(pthread_rwlock_tryrdlock(&rw) == EBUSY);
	assert(pthread_rwlock_trywrlock(&rw) == EBUSY);
	assert(pthread_rwlock_unlock(&rw) == 0);
	pthread_spin_init(&spin, 0);
	assert(pthread_spin_lock(&spin) == 0);
	assert(pthread_spin_trylock(&spin) == EBUSY);
	join(spawn(unlocks, (void *)&spin));
	assert(pthread_barrier_init(&none, NULL, 0) == EINVAL);
}

/* Sound use: recursion of readers, kinds, time limits, a lock given up by time. */
static void sound(void)
{
	struct timespec past = {.tv_sec = 1};
	pthread_rwlockattr_t attr;
	pthread_rwlock_t l;

	for (int kind = 0; kind < 3; kind++) {
		pthread_rwlockattr_init(&attr);
		pthread_rwlockattr_setkind_np(&attr, kind);
		assert(pthread_rwlock_init(&l, &attr) == 0);
		assert(pthread_rwlock_rdlock(&l) == 0);
		assert(pthread_rwlock_rdlock(&l) == 0);
		assert(pthread_rwlock_trywrlock(&l) == EBUSY);
		assert(pthread_rwlock_timedwrlock(&l, &past) == ETIMEDOUT);
		assert(pthread_rwlock_clockwrlock(&l, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
		assert(pthread_rwlock_unlock(&l) == 0);
		assert(pthread_rwlock_unlock(&l) == 0);
		assert(pthread_rwlock_timedwrlock(&l, &past) == 0);
		assert(pthread_rwlock_timedrdlock(&l, &past) == EDEADLK);
		assert(pthread_rwlock_unlock(&l) == 0);
		assert(pthread_rwlock_clockrdlock(&l, CLOCK_REALTIME, &past) == 0);
		assert(pthread_rwlock_unlock(&l) == 0);
		assert(pthread_rwlock_destroy(&l) == 0);
	}
	calls_once(NULL);
	calls_once(NULL);
	ready();
	wait_for_go();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*play)(void);
	} scenes[] = {{"rwlock-waits", rwlock_waits},
		      {"upgrade", upgrade},
		      {"reader-and-mutex", reader_and_mutex},
		      {"spin-twice", spin_twice},
		      {"readers-first", readers_first},
		      {"writers-first", writers_first},
		      {"once-ring", once_ring},
		      {"once-self", once_self},
		      {"once-waits", once_waits},
		      {"barrier-waits", barrier_waits},
		      {"misuse", misuse},
		      {"sound", sound}};

	for (size_t i = 0; argc == 2 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, argv[1])) {
			scenes[i].play();
			return 0;
		}
	return 2;
}
