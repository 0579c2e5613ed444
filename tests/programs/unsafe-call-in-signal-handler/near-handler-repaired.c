/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* lock-held.c and exit-in-sigterm.c repaired: the handlers set flags, the work is done outside. */
#include "wait.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t dump, term;

static void on_dump(int sig)
{
	(void)sig;
	dump = 1;
}
static void on_term(int sig)
{
	(void)sig;
	term = 1;
}

static void *main_thread_sends(void *arg)
{
	pthread_t *th = arg;

	while (!came)
		pthread_kill(*th, SIGUSR1);
	pthread_kill(*th, SIGTERM);
	return NULL;
}

int main(void)
{
	pthread_t self = pthread_self(), th;

	on(SIGUSR1, on_dump, SA_RESTART);
	on(SIGTERM, on_term, 0);
	pthread_create(&th, NULL, main_thread_sends, &self);
	while (!term) {
		pthread_mutex_lock(&table);
		if (dump) {
			dump = 0;
			if (!came)
				printf("dumped\n");
			came = 1;
		}
		pthread_mutex_unlock(&table);
	}
	pthread_join(th, NULL);
	exit(0);
}
