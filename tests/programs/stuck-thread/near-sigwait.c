/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* A thread of its own takes the signals and will post; all others wait for that. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

static sem_t quit;
static sigset_t set;

static void *signals(void *arg)
{
	int sig;

	sigwait(&set, &sig);
	sem_post(&quit);
	return arg;
}

static void *waits(void *arg)
{
	sem_wait(&quit);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&quit, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&a, NULL, signals, NULL);
	pthread_create(&b, NULL, waits, NULL);
	pthread_join(b, NULL);
	return 0;
}
