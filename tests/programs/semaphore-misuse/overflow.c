/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse error */
/* A counter that is posted and never taken from reaches its end. */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>

int main(void)
{
	sem_t s;

	sem_init(&s, 0, SEM_VALUE_MAX);
	return sem_post(&s) == -1 && errno == EOVERFLOW ? 0 : 1;
}
