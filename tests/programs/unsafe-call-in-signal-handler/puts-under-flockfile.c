/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler error */
/* The handler's line falls into the middle of a record: main holds stdout's lock to write it in one
 * piece. Nothing is flushed: all of it stays in the buffer. */
#include "wait.h"

static void on_usr1(int sig)
{
	(void)sig;
	puts("-- interrupted --");
	came = 1;
}

static void *sender(void *arg)
{
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

int main(void)
{
	pthread_t self = pthread_self(), th;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	on(SIGUSR1, on_usr1, SA_RESTART);
	flockfile(stdout);
	fputs("record: ", stdout);
	pthread_create(&th, NULL, sender, &self);
	while (!came)
		;
	fputs("end\n", stdout);
	funlockfile(stdout);
	pthread_join(th, NULL);
	return 0;
}
