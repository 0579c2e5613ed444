/* SPDX-License-Identifier: MIT */
/* expect: double-init warning */
/* "Reset" by a second sem_init(): tokens that were posted meanwhile would be lost. */
#include <semaphore.h>

static sem_t tokens;

static void reset(void)
{
	sem_init(&tokens, 0, 2);
}

int main(void)
{
	sem_init(&tokens, 0, 2);
	sem_wait(&tokens);
	reset();
	sem_wait(&tokens);
	sem_wait(&tokens);
	sem_destroy(&tokens);
	return 0;
}
