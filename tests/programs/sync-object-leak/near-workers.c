/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Named semaphores opened before workers are forked; the parent closes its own, the workers end
 * with theirs. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 6

static sem_t *slot[SLOTS];

static void open_all(void)
{
	for (int i = 0; i < SLOTS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "/pitfall-slot-%d-%d", (int)getpid(), i);
		slot[i] = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
		if (slot[i] == SEM_FAILED)
			exit(1);
		sem_unlink(name);
	}
}

int main(void)
{
	int status, failed = 0;

	open_all();
	for (int i = 0; i < SLOTS; i++)
		if (fork() == 0)
			exit(sem_post(slot[i]) != 0);
	for (int i = 0; i < SLOTS; i++)
		failed |= sem_wait(slot[i]);
	while (wait(&status) > 0)
		failed |= status;
	for (int i = 0; i < SLOTS; i++)
		sem_close(slot[i]);
	return failed != 0;
}
