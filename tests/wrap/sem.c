/* SPDX-License-Identifier: MIT */
/* Semaphores: waits, roles, names, cancellation, posts from handlers, misuse. One scene an
 * argument. */
#include "scene.h"

#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

static sem_t sem, other;

static void *takes(void *arg)
{
	while (sem_wait(arg))
		assert(errno == EINTR);
	return NULL;
}
static void *posts(void *arg)
{
	for (int i = 0; i < 3; i++)
		assert(sem_post(arg) == 0);
	return NULL;
}
static void waits(void)
{
	pthread_t a, b;

	sem_init(&sem, 0, 0);
	a = spawn(takes, &sem);
	b = spawn(takes, &sem);
	ready();
	wait_for_go();
	join(spawn(posts, &sem));
	join(a);
	join(b);
	assert(sem_trywait(&sem) == 0);
	assert(sem_trywait(&sem) == -1 && errno == EAGAIN);
}

/* Not at zero and yet blocked: three threads race for two tokens, over and over; whoever loses must
 * be on record. */
static void *takes_many(void *arg)
{
	for (int i = 0; i < 2000; i++)
		takes(arg);
	return NULL;
}
static void race(void)
{
	pthread_t t[3];
	int value;

	sem_init(&sem, 0, 2);
	for (int i = 0; i < 3; i++)
		t[i] = spawn(takes_many, &sem);
	for (int i = 0; i < 6000 - 3; i++)
		sem_post(&sem);
	/* one token short: somebody is left over */
	do
		sem_getvalue(&sem, &value);
	while (value);
	ready();
	wait_for_go();
	sem_post(&sem);
	for (int i = 0; i < 3; i++)
		join(t[i]);
	sem_getvalue(&sem, &value);
	assert(value == 0);
}

static atomic_int pending;
static void *canceled(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	takes(arg); /* all that a first wait does is behind us */
	atomic_store(&pending, 1);
	while (atomic_load(&pending) == 1)
		sched_yield();
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	sem_wait(arg);
	return arg;
}
static void cancel(void)
{
	pthread_t t;
	void *result;
	int value;

	sem_init(&sem, 0, 2);
	t = spawn(canceled, &sem);
	while (!atomic_load(&pending))
		sched_yield();
	assert(pthread_cancel(t) == 0);
	atomic_store(&pending, 2);
	assert(pthread_join(t, &result) == 0 && result == PTHREAD_CANCELED);
	assert(sem_getvalue(&sem, &value) == 0 && value == 1); /* not taken */
}

static void *canceled_waiting(void *arg)
{
	sem_wait(arg);
	return arg;
}
static void left(void *arg)
{
	takes(arg); /* in the cleanup of the one that was left: fast and slow */
	ready();
	wait_for_go();
	takes(&sem);
}
static void *cleans_up(void *arg)
{
	pthread_cleanup_push(left, &other);
	canceled_waiting(arg);
	pthread_cleanup_pop(0);
	return NULL;
}
static void cancel_waiting(void)
{
	pthread_t t;

	sem_init(&sem, 0, 0);
	sem_init(&other, 0, 1);
	t = spawn(cleans_up, &sem);
	usleep(20000); /* for the case that it blocks: both ways must do */
	assert(pthread_cancel(t) == 0);
	while (sem_post(&sem), pthread_tryjoin_np(t, NULL) == EBUSY)
		usleep(1000);
}

static void *name_it(const char *name)
{
	sem_t *a = sem_open(name, O_CREAT | O_EXCL, 0600, 3), *b = sem_open(name, 0);

	assert(a != SEM_FAILED && a == b);
	assert(sem_open("/there-is-none-of-it", 0) == SEM_FAILED && errno == ENOENT);
	return a;
}
static void named(void)
{
	char name[64];
	sem_t *s;

	snprintf(name, sizeof(name), "/wrap-sem-%d", (int)getpid());
	s = name_it(name);
	assert(sem_unlink(name) == 0);
	takes(s);
	assert(sem_close(s) == 0);
	ready();
	wait_for_go();
	takes(s);
	assert(sem_close(s) == 0);
	puts("closed");
	ready();
	wait_for_go();
}

static void handler(int sig)
{
	(void)sig;
	sem_post(&sem);
}
static void signals(void)
{
	struct timespec soon;

	sem_init(&sem, 0, 0);
	signal(SIGUSR1, handler);
	for (int i = 0; i < 1000; i++) {
		raise(SIGUSR1);
		takes(&sem);
	}
	clock_gettime(CLOCK_REALTIME, &soon);
	assert(sem_timedwait(&sem, &soon) == -1 && errno == ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &soon);
	assert(sem_clockwait(&sem, CLOCK_MONOTONIC, &soon) == -1 && errno == ETIMEDOUT);
}

static void misuse(void)
{
	sem_init(&sem, 0, SEM_VALUE_MAX);
	assert(sem_post(&sem) == -1 && errno == EOVERFLOW);
	assert(sem_init(&other, 0, (unsigned)SEM_VALUE_MAX + 1) == -1 && errno == EINVAL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*play)(void);
	} scenes[] = {{"waits", waits},	  {"race", race},
		      {"cancel", cancel}, {"cancel-waiting", cancel_waiting},
		      {"named", named},	  {"signals", signals},
		      {"misuse", misuse}};

	for (size_t i = 0; argc == 2 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, argv[1])) {
			scenes[i].play();
			return 0;
		}
	return 2;
}
