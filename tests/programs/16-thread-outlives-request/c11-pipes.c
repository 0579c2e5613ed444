/* SPDX-License-Identifier: MIT */
/* expect: thread-outlives-request warning */
/* Requests come by one pipe and are answered by another; C11 threads wait for a file's lock. */
#include "server.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <threads.h>

static sem_t there;
static char path[256];

static int index_later(void *arg)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	sem_post(&there);
	flock(fd, LOCK_EX);
	close(fd);
	free(arg);
	return 0;
}

static void serve(int in, int out)
{
	char *document = malloc(3000);
	thrd_t thread;

	if (!document || read(in, document, 1) != 1)
		exit(2);
	if (thrd_create(&thread, index_later, document) != thrd_success)
		exit(3);
	thrd_detach(thread);
	if (write(out, "k", 1) != 1)
		exit(4);
}

int main(void)
{
	const char *dir = getenv("TMPDIR");
	int in[2], out[2], fd;
	char c = 'd';

	sem_init(&there, 0, 0);
	snprintf(path, sizeof(path), "%s/lock-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0 || flock(fd, LOCK_EX) || pipe(in) || pipe(out))
		return 1;
	for (int i = 0; i < N; i++) {
		if (write(in[1], &c, 1) != 1)
			return 5;
		serve(in[0], out[1]);
		if (read(out[0], &c, 1) != 1)
			return 6;
	}
	all_there(&there, N);
	unlink(path);
	return 0;
}
