/* SPDX-License-Identifier: MIT */
/*
 * Mutexes of every kind: results and errno as POSIX and glibc have them; what is a fault, and what
 * only looks like one.
 */
#include "scene.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#define IS(call, want)                                                                             \
	do {                                                                                       \
		int rc_;                                                                           \
		errno = 4242;                                                                      \
		rc_ = (call);                                                                      \
		if (rc_ != (want) || errno != 4242) {                                              \
			fprintf(stderr, "%d: %s is %d, errno %d\n", __LINE__, #call, rc_, errno);  \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static pthread_mutex_t m, n;
static const struct timespec past = {1, 0};

static void make(int type, int protocol, int robust, int shared, pthread_mutex_t *at)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutexattr_setrobust(&a, robust);
	pthread_mutexattr_setpshared(&a, shared);
	IS(pthread_mutex_init(at, &a), 0);
	pthread_mutexattr_destroy(&a);
}

static void *busy_everywhere(void *arg)
{
	struct timespec soon;

	(void)arg;
	IS(pthread_mutex_trylock(&m), EBUSY);
	IS(pthread_mutex_timedlock(&m, &past), ETIMEDOUT);
	IS(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	if (soon.tv_nsec >= 1000000000)
		soon.tv_nsec -= 1000000000, soon.tv_sec++;
	IS(pthread_mutex_timedlock(&m, &soon), ETIMEDOUT);
	return NULL;
}

static void kinds(void)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
				    PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP};
	static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};

	for (unsigned t = 0; t < 4; t++)
		for (unsigned p = 0; p < 2; p++)
			for (int robust = 0; robust < 2; robust++)
				for (int shared = 0; shared < 2; shared++) {
					make(types[t], protocols[p], robust, shared, &m);
					for (int i = 0; i < 3; i++) {
						IS(pthread_mutex_lock(&m), 0);
						IS(pthread_mutex_unlock(&m), 0);
						IS(pthread_mutex_trylock(&m), 0);
						IS(pthread_mutex_unlock(&m), 0);
						IS(pthread_mutex_timedlock(&m, &past), 0);
						join(spawn(busy_everywhere, NULL));
						IS(pthread_mutex_unlock(&m), 0);
					}
					IS(pthread_mutex_lock(&m), 0);
					if (types[t] == PTHREAD_MUTEX_RECURSIVE) {
						IS(pthread_mutex_lock(&m), 0);
						IS(pthread_mutex_trylock(&m), 0);
						IS(pthread_mutex_unlock(&m), 0);
						IS(pthread_mutex_unlock(&m), 0);
					} else {
						int rc = pthread_mutex_trylock(
						    &m); /* robust and errorcheck: EDEADLK */

						assert(rc == EBUSY ||
						       (rc == EDEADLK &&
							types[t] == PTHREAD_MUTEX_ERRORCHECK));
					}
					IS(pthread_mutex_unlock(&m), 0);
					IS(pthread_mutex_destroy(&m), 0);
				}
}

/* EDEADLK is what the caller asked for, and told; EPERM is the library's own refusal. */
static void *not_mine(void *arg)
{
	IS(pthread_mutex_unlock(arg), EPERM);
	return NULL;
}
static void errorcheck(void)
{
	make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 0, 0, &m);
	IS(pthread_mutex_lock(&m), 0);
	IS(pthread_mutex_lock(&m), EDEADLK);
	IS(pthread_mutex_timedlock(&m, &past), EDEADLK);
	join(spawn(not_mine, &m));
	IS(pthread_mutex_unlock(&m), 0);
	IS(pthread_mutex_unlock(&m), EPERM);
	IS(pthread_mutex_destroy(&m), 0);
}

static void protect(void)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_PROTECT);
	pthread_mutexattr_setprioceiling(&a, sched_get_priority_min(SCHED_FIFO));
	IS(pthread_mutex_init(&m, &a), 0);
	errno = 0;
	if (pthread_mutex_lock(&m) ==
	    0) { /* EPERM and the like where priorities may not be raised */
		IS(pthread_mutex_trylock(&m), EBUSY);
		assert(pthread_mutex_unlock(&m) == 0);
	}
	IS(pthread_mutex_destroy(&m), 0);
}

static void *dies_with_it(void *arg)
{
	IS(pthread_mutex_lock(arg), 0);
	return NULL;
}
static void robust(void)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, 0, &m);
	join(spawn(dies_with_it, &m));
	IS(pthread_mutex_lock(&m), EOWNERDEAD);
	IS(pthread_mutex_consistent(&m), 0);
	IS(pthread_mutex_unlock(&m), 0);
	join(spawn(dies_with_it, &m));
	IS(pthread_mutex_trylock(&m), EOWNERDEAD);
	IS(pthread_mutex_unlock(&m), 0); /* not made consistent */
	IS(pthread_mutex_lock(&m), ENOTRECOVERABLE);
	IS(pthread_mutex_trylock(&m), ENOTRECOVERABLE);
	IS(pthread_mutex_destroy(&m), 0);
}

static void shared(void)
{
	pthread_mutex_t *s =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int *counter = (int *)(s + 2), status;
	pid_t child;

	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED,
	     s);
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0, PTHREAD_PROCESS_SHARED, s + 1);
	child = fork();
	for (int i = 0; i < 20000; i++) {
		assert(pthread_mutex_lock(s + 1) == 0);
		++*counter;
		assert(pthread_mutex_unlock(s + 1) == 0);
	}
	if (child == 0) {
		assert(pthread_mutex_lock(s) == 0);
		_exit(0);
	}
	assert(waitpid(child, &status, 0) == child && status == 0);
	assert(*counter == 40000);
	IS(pthread_mutex_lock(s), EOWNERDEAD);
	IS(pthread_mutex_consistent(s), 0);
	IS(pthread_mutex_unlock(s), 0);
}

static void *holds_m(void *arg)
{
	pthread_barrier_t *b = arg;

	pthread_mutex_lock(&m);
	pthread_barrier_wait(b);
	pthread_barrier_wait(b);
	return NULL;
}
static void misuse(const char *what)
{
	pthread_barrier_t b;
	pthread_t t;

	pthread_barrier_init(&b, NULL, 2);
	if (strcmp(what, "not-held") == 0) {
		pthread_mutex_unlock(&m);
		return;
	}
	t = spawn(holds_m, &b);
	pthread_barrier_wait(&b);
	if (strcmp(what, "other") == 0)
		pthread_mutex_unlock(&m);
	else
		pthread_mutex_destroy(&m);
	pthread_barrier_wait(&b);
	join(t);
}

/* Handlers that lock, at any instruction of lock calls. (No POSIX program may do so; some do.) */
static pthread_mutex_t in_handler = PTHREAD_MUTEX_INITIALIZER;
static volatile int handled;
static void handler(int sig)
{
	(void)sig;
	pthread_mutex_lock(&in_handler);
	pthread_mutex_unlock(&in_handler);
	handled++;
}
static void handlers(void)
{
	struct itimerval every = {{0, 50}, {0, 50}};

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &every, NULL);
	while (handled < 2000) {
		pthread_mutex_lock(&m);
		pthread_mutex_lock(&n);
		pthread_mutex_unlock(&n);
		pthread_mutex_unlock(&m);
	}
	memset(&every, 0, sizeof(every));
	setitimer(ITIMER_REAL, &every, NULL);
	ready();
	wait_for_go();
}

/* A handler forks while its thread waits for a lock; the child comes back into the lock call. */
static pid_t forked;
static void forks(int sig)
{
	(void)sig;
	forked = fork();
}
static void *fork_in_lock(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&m);
	if (forked == 0) {
		for (int i = 0; i < 100; i++) {
			pthread_mutex_lock(&n);
			pthread_mutex_unlock(&n);
		}
		_exit(7);
	}
	pthread_mutex_unlock(&m);
	return NULL;
}
static void handler_forks(void)
{
	pthread_t t;
	int status;

	signal(SIGUSR1, forks);
	forked = -1;
	pthread_mutex_lock(&m);
	t = spawn(fork_in_lock, NULL);
	ready();
	wait_for_go(); /* until it is seen to wait */
	pthread_kill(t, SIGUSR1);
	while (__atomic_load_n(&forked, __ATOMIC_ACQUIRE) <= 0)
		sched_yield();
	pthread_mutex_unlock(&m);
	join(t);
	/* In the child m stays locked by a thread that is not there: it is ended from here. */
	kill(forked, SIGKILL);
	assert(waitpid(forked, &status, 0) == forked && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL);
}

/* Many locks at once, given back in the order they were taken. */
static void many(void)
{
	static pthread_mutex_t all[100];

	for (int i = 0; i < 100; i++)
		IS(pthread_mutex_lock(&all[i]), 0);
	for (int i = 0; i < 100; i++)
		IS(pthread_mutex_unlock(&all[i]), 0);
	ready();
	wait_for_go();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "kinds") == 0)
		kinds();
	else if (strcmp(what, "errorcheck") == 0)
		errorcheck();
	else if (strcmp(what, "protect") == 0)
		protect();
	else if (strcmp(what, "robust") == 0)
		robust();
	else if (strcmp(what, "shared") == 0)
		shared();
	else if (strcmp(what, "handlers") == 0)
		handlers();
	else if (strcmp(what, "handler-forks") == 0)
		handler_forks();
	else if (strcmp(what, "many") == 0)
		many();
	else
		misuse(what);
	return 0;
}
