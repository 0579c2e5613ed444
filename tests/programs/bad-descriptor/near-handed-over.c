/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Numbers come again: a pool of workers that open and close files of their own is given
 * connections under the same numbers, uses some and closes others at once. Everything is right. */
#include <sys/socket.h>
#include <semaphore.h>
#include <signal.h>
#include "steps.h"

enum { JOBS = 60, WORKERS = 3 };

static int jobs[JOBS];
static sem_t work, done;
static int taken;

static void own_file(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(1);
	close(fd);
}

static void *works(void *arg)
{
	for (;;) {
		int n, fd;
		char c;

		sem_wait(&work);
		n = __atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);
		if (n >= JOBS)
			return arg;
		fd = jobs[n];
		if (n % 3 && read(fd, &c, 1) != 1)
			_exit(1);
		close(fd);
		own_file();
		sem_post(&done);
	}
}

static int connection(void)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) || write(p[1], "x", 1) != 1)
		_exit(1);
	close(p[1]);
	return p[0];
}

int main(void)
{
	pthread_t t[WORKERS];

	signal(SIGPIPE, SIG_IGN);
	sem_init(&work, 0, 0);
	sem_init(&done, 0, 0);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&t[i], NULL, works, NULL))
			return 1;
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = connection();
		if (write(jobs[i], "y", 1) < 0 && errno != EPIPE)
			return 1;
		sem_post(&work);
		if (i % 4 == 3)
			for (int k = 0; k < 4; k++)
				sem_wait(&done);
	}
	for (int i = 0; i < WORKERS; i++)
		sem_post(&work);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(t[i], NULL);
	return 0;
}
