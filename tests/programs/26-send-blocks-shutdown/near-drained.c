/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The owner closes its reading end first, so that the writer's send fails; or drains by sem. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

static int fd[2];
static sem_t value, taken;

static void *write_all(void *arg)
{
	static char block[65536];

	while (write(fd[1], block, sizeof(block)) > 0)
		;
	return arg;
}

static void *hand_over(void *arg)
{
	for (int i = 0; i < 6; i++) {
		sem_post(&value);
		sem_wait(&taken);
	}
	return arg;
}

int main(void)
{
	pthread_t a, b;
	char some[1024];

	signal(SIGPIPE, SIG_IGN);
	sem_init(&value, 0, 0);
	sem_init(&taken, 0, 0);
	if (pipe(fd) || pthread_create(&a, NULL, write_all, NULL) ||
	    pthread_create(&b, NULL, hand_over, NULL))
		return 1;
	if (read(fd[0], some, sizeof(some)) <= 0)
		return 1;
	close(fd[0]);
	pthread_join(a, NULL);
	for (int i = 0; i < 6; i++) {
		sem_wait(&value);
		sem_post(&taken);
	}
	pthread_join(b, NULL);
	close(fd[1]);
	sem_destroy(&value);
	sem_destroy(&taken);
	return 0;
}
