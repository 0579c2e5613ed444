/* SPDX-License-Identifier: MIT */
/* expect: sync-object-leak warning */
/* A semaphore of its own for each job, opened and unlinked, but not closed. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static int lock_job(int n)
{
	char name[64];
	sem_t *s;

	snprintf(name, sizeof(name), "/pitfall-job-%d-%d", (int)getpid(), n);
	s = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	if (s == SEM_FAILED)
		return 1;
	sem_unlink(name);
	return sem_wait(s);
}

int main(void)
{
	int bad = 0;

	for (int i = 0; i < 6; i++)
		bad += lock_job(i);
	return bad;
}
