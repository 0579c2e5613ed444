/* SPDX-License-Identifier: MIT */
/* expect: sync-object-leak warning */
/* One name, opened at every call and never closed. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static char name[64];

static int request(void)
{
	sem_t *s = sem_open(name, O_CREAT, 0600, 1);

	return s == SEM_FAILED ? 1 : sem_wait(s) + sem_post(s);
}

int main(void)
{
	int bad = 0;

	snprintf(name, sizeof(name), "/pitfall-again-%d", (int)getpid());
	for (int i = 0; i < 20; i++)
		bad += request();
	return sem_unlink(name) + bad;
}
