/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* Each call hands its question to a thread and waits for the answer: what it waits for is no
 * stream of messages. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

enum { CALLS = 30 };

static sem_t question, answer;
static int value;

static void *oracle(void *arg)
{
	for (int i = 0; i < CALLS; i++) {
		sem_wait(&question);
		value = i * i;
		sem_post(&answer);
	}
	return arg;
}

static int ask(int i)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
	struct itimerspec in_10_s = {.it_value.tv_sec = 10};
	timer_t deadline;

	if (timer_create(CLOCK_REALTIME, &ev, &deadline) ||
	    timer_settime(deadline, 0, &in_10_s, NULL))
		return 1;
	sem_post(&question);
	while (sem_wait(&answer) != 0)
		;
	return value != i * i;
}

int main(void)
{
	pthread_t t;
	int bad = 0;

	signal(SIGUSR2, SIG_IGN);
	if (sem_init(&question, 0, 0) || sem_init(&answer, 0, 0) ||
	    pthread_create(&t, NULL, oracle, NULL))
		return 2;
	for (int i = 0; i < CALLS; i++)
		bad += ask(i);
	pthread_join(t, NULL);
	sem_destroy(&question);
	sem_destroy(&answer);
	return bad;
}
