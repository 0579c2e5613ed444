/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse error */
/* The parent lets its child go by a post that the child never sees. */
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t go;

int main(void)
{
	struct timespec a_while = {0, 100000000};
	int status;
	pid_t pid;

	sem_init(&go, 0, 0);
	pid = fork();
	if (pid == 0) {
		sem_wait(&go);
		_exit(0);
	}
	sem_post(&go);
	nanosleep(&a_while, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 0 : 1;
}
