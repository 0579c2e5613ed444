/* SPDX-License-Identifier: MIT */
/*
 * Threads: results of joins, stacks of all kinds, ends of all kinds, many of them.
 */
#include "scene.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t b;
static pthread_t main_thread;

static void *returns(void *arg)
{
	return arg;
}
static void *at_barriers(void *arg)
{
	pthread_barrier_wait(&b);
	pthread_barrier_wait(&b);
	return arg;
}
static void *joins_main(void *arg)
{
	(void)arg;
	return (void *)(long)pthread_join(main_thread, NULL);
}

static void joins(void)
{
	struct timespec past = {1, 0};
	pthread_t t;
	void *r;

	pthread_barrier_init(&b, NULL, 2);
	errno = 4242;
	t = spawn(at_barriers, &b);
	pthread_barrier_wait(&b);
	assert(pthread_tryjoin_np(t, &r) == EBUSY);
	assert(pthread_timedjoin_np(t, &r, &past) == ETIMEDOUT);
	assert(pthread_clockjoin_np(t, &r, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
	pthread_barrier_wait(&b);
	assert(pthread_join(t, &r) == 0 && r == &b);
	assert(pthread_join(pthread_self(), NULL) == EDEADLK); /* told: join-self */
	t = spawn(at_barriers, NULL);
	pthread_barrier_wait(&b);
	assert(pthread_detach(t) == 0);
	assert(pthread_join(t, NULL) == EINVAL); /* told: join-detached */
	assert(pthread_detach(t) == EINVAL);
	pthread_barrier_wait(&b);
	for (int i = 0; i < 100; i++) { /* one that has ended is joined, or detached */
		t = spawn(returns, &t);
		if (i % 2)
			assert(pthread_join(t, &r) == 0 && r == &t);
		else
			assert(pthread_detach(t) == 0);
	}
	assert(errno == 4242);
}

static void names(void)
{
	pthread_t t;
	char name[16];

	pthread_barrier_init(&b, NULL, 2);
	t = spawn(at_barriers, NULL);
	pthread_barrier_wait(&b);
	assert(pthread_setname_np(t, "a-name-too-long-x") == ERANGE);
	assert(pthread_setname_np(t, "worker-fifteen!") == 0);
	assert(pthread_getname_np(t, name, sizeof(name)) == 0 &&
	       strcmp(name, "worker-fifteen!") == 0);
	ready();
	wait_for_go();
	pthread_barrier_wait(&b);
	join(t);
}

/* ---- stacks
 * -------------------------------------------------------------------------------------------------------------
 */

static volatile int handled;
static void on_its_stack(int sig)
{
	(void)sig;
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	handled++;
}
static void *uses_all(void *alt)
{
	pthread_mutex_t mine;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec past = {1, 0};
	int fd[2];

	if (alt) {
		stack_t s = {.ss_sp = alt, .ss_size = 8192};

		assert(sigaltstack(&s, NULL) == 0);
		pthread_kill(pthread_self(), SIGUSR1);
	}
	pthread_mutex_init(&mine, NULL);
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&mine);
		pthread_mutex_lock(&m);
		pthread_cond_timedwait(&c, &mine, &past);
		pthread_mutex_unlock(&m);
		pthread_mutex_unlock(&mine);
		assert(pipe(fd) == 0);
		assert(write(fd[1], "x", 1) == 1);
		usleep(1);
		close(fd[0]);
		close(fd[1]);
	}
	pthread_mutex_destroy(&mine);
	return NULL;
}
static void stacks(void)
{
	const size_t sizes[] = {PTHREAD_STACK_MIN, 20480, 32768, 65536, 262144};
	struct sigaction sa = {.sa_handler = on_its_stack, .sa_flags = SA_ONSTACK};
	pthread_attr_t a;

	sigaction(SIGUSR1, &sa, NULL);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		pthread_t t[4];
		char *own;

		/* Its own stack: below it a page that can't be read, below that the handler's
		 * stack. */
		own = mmap(NULL, 8192 + 4096 + size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert(own != MAP_FAILED && mprotect(own + 8192, 4096, PROT_NONE) == 0);
		pthread_attr_init(&a);
		assert(pthread_attr_setstack(&a, own + 12288, size) == 0);
		assert(pthread_create(&t[0], &a, uses_all, own) == 0);
		join(t[0]);
		munmap(own, 8192 + 4096 + size);
		pthread_attr_destroy(&a);
		pthread_attr_init(&a);
		assert(pthread_attr_setstacksize(&a, size) == 0);
		for (int k = 0; k < 4; k++)
			assert(pthread_create(&t[k], &a, uses_all, NULL) == 0);
		for (int k = 0; k < 4; k++)
			join(t[k]);
		pthread_attr_destroy(&a);
	}
	assert(handled == (int)(sizeof(sizes) / sizeof(sizes[0])));
}

/* ---- ends
 * -----------------------------------------------------------------------------------------------------------------
 */

static pthread_key_t late;
static void locks_late(void *arg)
{
	static __thread int round;

	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	if (++round < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific(late, arg);
}
static void *with_destructor(void *arg)
{
	pthread_setspecific(late, &late);
	if (arg)
		pthread_exit(arg);
	return NULL;
}
static void *canceled_in_join(void *arg)
{
	pthread_join(*(pthread_t *)arg, NULL);
	return NULL;
}
static void *async(void *arg)
{
	int old;

	assert(pthread_setcanceltype(99, &old) == EINVAL);
	assert(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old) == 0 &&
	       old == PTHREAD_CANCEL_DEFERRED);
	assert(pthread_setcanceltype(99, &old) == EINVAL);
	pthread_barrier_wait(&b);
	for (;;)
		__asm__ volatile("" : : : "memory");
	return arg;
}
static void ends(void)
{
	pthread_t t, u;
	void *r;

	pthread_key_create(&late, locks_late);
	for (int i = 0; i < 50; i++) {
		t = spawn(with_destructor, i % 2 ? &m : NULL);
		assert(pthread_join(t, &r) == 0 && r == (i % 2 ? (void *)&m : NULL));
	}
	pthread_barrier_init(&b, NULL, 2);
	t = spawn(async, NULL);
	pthread_barrier_wait(&b);
	pthread_cancel(t);
	assert(pthread_join(t, &r) == 0 && r == PTHREAD_CANCELED);
	t = spawn(at_barriers, NULL);
	u = spawn(canceled_in_join, &t);
	pthread_barrier_wait(&b);
	pthread_cancel(u);
	assert(pthread_join(u, &r) == 0 && r == PTHREAD_CANCELED);
	pthread_barrier_wait(&b);
	join(t); /* a join that was cancelled leaves it joinable */
}

static void *ends_the_process(void *arg)
{
	assert(joins_main(arg) == NULL);
	exit(5);
}
static void main_exits(void)
{
	main_thread = pthread_self();
	spawn(ends_the_process, NULL);
	pthread_exit(NULL);
}

static void *goes_on(void *arg)
{
	for (int i = 0;; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		if (i == 1000)
			pthread_barrier_wait(&b);
	}
	return arg;
}
static void exit_while_others_run(void)
{
	pthread_barrier_init(&b, NULL, 4);
	for (int i = 0; i < 3; i++)
		spawn(goes_on, NULL);
	pthread_barrier_wait(&b);
	exit(6);
}

/* ---- many
 * ------------------------------------------------------------------------------------------------------------------
 */

static void sequence(void)
{
	for (int i = 0; i < 10000; i++)
		join(spawn(returns, NULL));
	ready();
	wait_for_go();
}
static void at_once(void)
{
	enum { N = 1000 };
	static pthread_t t[N];
	pthread_attr_t a;

	pthread_barrier_init(&b, NULL, N + 1);
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 65536);
	for (int i = 0; i < N; i++)
		assert(pthread_create(&t[i], &a, at_barriers, NULL) == 0);
	pthread_barrier_wait(&b);
	ready();
	wait_for_go();
	pthread_barrier_wait(&b);
	for (int i = 0; i < N; i++)
		join(t[i]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} scenes[] = {{"joins", joins},		  {"names", names},
		      {"stacks", stacks},	  {"ends", ends},
		      {"main-exits", main_exits}, {"exit", exit_while_others_run},
		      {"sequence", sequence},	  {"at-once", at_once}};

	for (unsigned i = 0; argc > 1 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (strcmp(argv[1], scenes[i].name) == 0) {
			scenes[i].fn();
			return 0;
		}
	return 2;
}
