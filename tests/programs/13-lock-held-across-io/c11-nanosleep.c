/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* C11: a retry with its pause inside the section. */
#include "peer.h"
#include <threads.h>

static mtx_t lock;
static sem_t trying;
static int tries, looks;

static void try_again(void)
{
	mtx_lock(&lock);
	tries++;
	sem_post(&trying);
	sleep_ms(SLOW_MS);
	mtx_unlock(&lock);
}

static int observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&trying);
		mtx_lock(&lock);
		looks += tries > i;
		mtx_unlock(&lock);
	}
	return 0;
}

int main(void)
{
	thrd_t observer;

	die_unless(mtx_init(&lock, mtx_plain) == thrd_success, "mtx_init");
	die_unless(sem_init(&trying, 0, 0) == 0, "sem_init");
	die_unless(thrd_create(&observer, observer_main, NULL) == thrd_success, "thrd_create");
	for (int i = 0; i < ROUNDS; i++)
		try_again();
	thrd_join(observer, NULL);
	mtx_destroy(&lock);
	sem_destroy(&trying);
	return tries != ROUNDS || looks != ROUNDS;
}
