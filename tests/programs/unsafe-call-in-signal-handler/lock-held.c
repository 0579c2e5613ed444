/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler error */
/* A worker is told to dump its table, by a signal, while it holds the table's lock: the handler, on
 * an alternate stack and with three arguments, asks for that lock, with a limit. */
#include <time.h>
#include "wait.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static sem_t holds;
static volatile sig_atomic_t result;

static void on_dump(int sig, siginfo_t *info, void *context)
{
	struct timespec soon;

	(void)sig, (void)info, (void)context;
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 1000000;
	result = pthread_mutex_timedlock(&table, &soon);
	if (result == 0)
		pthread_mutex_unlock(&table);
	came = 1;
}

static void *worker(void *arg)
{
	stack_t s;

	memset(&s, 0, sizeof(s));
	s.ss_sp = arg;
	s.ss_size = 16384;
	sigaltstack(&s, NULL);
	pthread_mutex_lock(&table);
	sem_post(&holds);
	while (!came)
		;
	pthread_mutex_unlock(&table);
	return NULL;
}

int main(void)
{
	struct sigaction a;
	void *stack = malloc(16384);
	pthread_t th;

	memset(&a, 0, sizeof(a));
	a.sa_sigaction = on_dump;
	a.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGUSR1, &a, NULL);
	sem_init(&holds, 0, 0);
	pthread_create(&th, NULL, worker, stack);
	sem_wait(&holds);
	pthread_kill(th, SIGUSR1);
	pthread_join(th, NULL);
	free(stack);
	return result != ETIMEDOUT && result != EINVAL;
}
