/* SPDX-License-Identifier: MIT */
/* expect: errno-spoiled warning */
/* C11: a thread computes; the handler that interrupts it parses a number and sets errno to 0 for
 * that. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <threads.h>
#include <time.h>

static atomic_int came;

static void on_usr1(int sig)
{
	(void)sig;
	errno = 0;
	came++;
}

static int compute(void *arg)
{
	(void)arg;
	while (came < 5)
		errno = EDOM;
	return 0;
}

int main(void)
{
	thrd_t th;

	signal(SIGUSR1, on_usr1);
	thrd_create(&th, compute, NULL);
	while (came < 5) {
		pthread_kill(th, SIGUSR1);
		thrd_sleep(&(struct timespec){0, 1000000}, NULL);
	}
	thrd_join(th, NULL);
	return 0;
}
