/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Every hand-over that makes an order: a semaphore, a barrier, a condition variable, a pipe, an
 * eventfd, a message, a once, the post of a detached thread. Before it the locks go one way, after
 * it the other. */
#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "orders.h"

static sem_t sem, woken;
static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int turn, waiting, pipe_fd[2], pair[2], event;

static void give_sem(void)
{
	sem_post(&sem);
}
static void take_sem(void)
{
	sem_wait(&sem);
}
static void meet(void)
{
	pthread_barrier_wait(&barrier);
}
static void give_turn(void)
{
	pthread_mutex_lock(&lock);
	while (!waiting) { /* the other one waits already: this signal wakes it */
		pthread_mutex_unlock(&lock);
		usleep(100);
		pthread_mutex_lock(&lock);
	}
	turn = 1;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}
static void take_turn(void)
{
	pthread_mutex_lock(&lock);
	waiting = 1;
	while (!turn)
		pthread_cond_wait(&changed, &lock);
	turn = waiting = 0;
	pthread_mutex_unlock(&lock);
}
static void put(int fd, size_t n)
{
	char c[8] = {1};

	if (write(fd, c, n) != (ssize_t)n)
		exit(1);
}
static void get(int fd, size_t n)
{
	char c[8];

	if (read(fd, c, n) != (ssize_t)n)
		exit(1);
}
static void give_pipe(void)
{
	put(pipe_fd[1], 1);
}
static void take_pipe(void)
{
	get(pipe_fd[0], 1);
}
static void give_pair(void)
{
	put(pair[0], 1);
}
static void take_pair(void)
{
	get(pair[1], 1);
}
static void give_event(void)
{
	put(event, 8);
}
static void take_event(void)
{
	get(event, 8);
}
static void in_once(void)
{
	a_then_b(NULL);
}
static void pass_once(void)
{
	pthread_once(&once, in_once);
}

static void (*before)(void), (*after)(void);

static void *first(void *arg)
{
	if (before != pass_once)
		a_then_b(NULL);
	before();
	return arg;
}
static void *second(void *arg)
{
	after();
	b_then_a(NULL);
	return arg;
}
static void *detached(void *arg)
{
	pthread_detach(pthread_self());
	a_then_b(NULL);
	sem_post(&sem);
	return arg;
}

/* Locks of their own each time: what one hand-over has ordered says nothing of the next. */
static void both(void (*give)(void), void (*take)(void))
{
	pthread_t t, u;

	pthread_mutex_destroy(&a);
	pthread_mutex_destroy(&b);
	pthread_mutex_init(&a, NULL);
	pthread_mutex_init(&b, NULL);
	before = give;
	after = take;
	pthread_create(&t, NULL, first, NULL);
	pthread_create(&u, NULL, second, NULL);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
}

int main(void)
{
	pthread_t t;

	sem_init(&sem, 0, 0);
	sem_init(&woken, 0, 0);
	pthread_barrier_init(&barrier, NULL, 2);
	event = eventfd(0, 0);
	if (pipe(pipe_fd) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || event < 0)
		return 1;
	both(give_sem, take_sem);
	both(meet, meet);
	both(give_turn, take_turn);
	both(give_pipe, take_pipe);
	both(give_pair, take_pair);
	both(give_event, take_event);
	both(pass_once, pass_once);
	pthread_create(&t, NULL, detached, NULL);
	sem_wait(&sem);
	b_then_a(NULL);
	run(b_then_a);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	close(pair[0]);
	close(pair[1]);
	close(event);
	sem_destroy(&sem);
	sem_destroy(&woken);
	pthread_barrier_destroy(&barrier);
	return 0;
}
