/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* A daemon: main waits until the handler of SIGHUP posts; nobody ever has. */
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>

static sem_t quit;

static void on_hup(int sig)
{
	(void)sig;
	sem_post(&quit);
}

int main(void)
{
	struct sigaction a = {.sa_handler = on_hup};

	sem_init(&quit, 0, 0);
	sigaction(SIGHUP, &a, NULL);
	while (sem_wait(&quit))
		;
	return 0;
}
