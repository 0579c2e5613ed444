/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse error */
/* The child reports on its own copy; the parent waits in vain, and gives up. */
#include <errno.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t done;

int main(void)
{
	struct timespec until;
	int rc;
	pid_t pid;

	sem_init(&done, 0, 0);
	pid = fork();
	if (pid == 0) {
		sem_post(&done);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &until);
	rc = sem_timedwait(&done, &until);
	return rc == -1 && errno == ETIMEDOUT ? 0 : 1;
}
