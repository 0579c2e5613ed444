/* SPDX-License-Identifier: MIT */
/*
 * A scene to be looked at from outside: named threads that hold and wait for known things, for
 * ever. scene wait      holder (has lock_a, reads a pipe), waiter (wants lock_a), sleeper
 * (condition variable, lock_b), poster (semaphore), joiner (joins holder), writer (wants rw, which
 * reader holds) scene deadlock  left and right take lock_a and lock_b in opposite order, both
 * having the first scene masked    as wait, with every signal blocked in every thread scene busy as
 * wait, and the main thread opens and closes files without end Says "ready PID" when the locks that
 * are held are held; the waits follow at once. Ends with its standard input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t held;
static pthread_t holder_thread;
static sem_t sem;
static int empty_pipe[2];

static void read_pipe(void)
{
	char c;

	if (read(empty_pipe[0], &c, 1) < 0)
		perror("read");
}

static void *holder(void *arg)
{
	pthread_mutex_lock(&lock_a);
	pthread_barrier_wait(&held);
	read_pipe();
	pthread_mutex_unlock(&lock_a);
	return arg;
}

static void *waiter(void *arg)
{
	pthread_barrier_wait(&held);
	pthread_mutex_lock(&lock_a);
	pthread_mutex_unlock(&lock_a);
	return arg;
}

static void *sleeper(void *arg)
{
	pthread_mutex_lock(&lock_b);
	for (;;)
		pthread_cond_wait(&cond, &lock_b);
	return arg;
}

static void *poster(void *arg)
{
	while (sem_wait(&sem))
		;
	return arg;
}

static void *joiner(void *arg)
{
	pthread_join(holder_thread, NULL);
	return arg;
}

static void *reader(void *arg)
{
	pthread_rwlock_rdlock(&rw);
	pthread_barrier_wait(&held);
	read_pipe();
	pthread_rwlock_unlock(&rw);
	return arg;
}

static void *writer(void *arg)
{
	pthread_barrier_wait(&held);
	pthread_rwlock_wrlock(&rw);
	pthread_rwlock_unlock(&rw);
	return arg;
}

static void *left(void *arg)
{
	pthread_mutex_lock(&lock_a);
	pthread_barrier_wait(&held);
	pthread_mutex_lock(&lock_b);
	return arg;
}

static void *right(void *arg)
{
	pthread_mutex_lock(&lock_b);
	pthread_barrier_wait(&held);
	pthread_mutex_lock(&lock_a);
	return arg;
}

static pthread_t start(void *(*f)(void *), const char *name)
{
	pthread_t t;

	if (pthread_create(&t, NULL, f, NULL))
		abort();
	pthread_setname_np(t, name);
	return t;
}

static void set_wait(void)
{
	pthread_barrier_init(&held, NULL, 5);
	holder_thread = start(holder, "holder");
	start(waiter, "waiter");
	start(sleeper, "sleeper");
	start(poster, "poster");
	start(joiner, "joiner");
	start(reader, "reader");
	start(writer, "writer");
	pthread_barrier_wait(&held);
}

static void set_deadlock(void)
{
	pthread_barrier_init(&held, NULL, 3);
	start(left, "left");
	start(right, "right");
	pthread_barrier_wait(&held);
}

static void busy(void)
{
	fcntl(0, F_SETFL, O_NONBLOCK);
	for (char c; read(0, &c, 1) != 0;)
		close(open("/dev/null", O_RDONLY));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "wait";
	sigset_t all;
	char c;

	if (pipe(empty_pipe) || sem_init(&sem, 0, 0))
		return 2;
	sigfillset(&all);
	if (!strcmp(what, "masked"))
		sigprocmask(SIG_BLOCK, &all, NULL);
	if (!strcmp(what, "deadlock"))
		set_deadlock();
	else
		set_wait();
	printf("ready %d %d\n", getpid(), getppid());
	fflush(stdout);
	if (!strcmp(what, "busy"))
		busy();
	while (read(0, &c, 1) > 0)
		;
	_exit(0);
}
