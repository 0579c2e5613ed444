/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A semaphore opened at the start and held for the life of the process: a note at most. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	char name[64];
	sem_t *s;

	snprintf(name, sizeof(name), "/pitfall-one-%d", (int)getpid());
	s = sem_open(name, O_CREAT, 0600, 1);
	if (s == SEM_FAILED)
		return 1;
	sem_unlink(name);
	return sem_wait(s) + sem_post(s);
}
