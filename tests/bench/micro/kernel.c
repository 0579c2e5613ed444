/* SPDX-License-Identifier: MIT */
/*
 * Descriptors, the heap, a new process: what a program asks of the kernel and of the allocator.
 * Called from main.c's table.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_body(void *state, long ops)
{
	int *failed = state;

	for (long i = 0; i < ops; i++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (fd < 0 || close(fd))
			*failed = errno;
	}
}

int bench_open(struct meter *m, long arg)
{
	int failed = 0;

	(void)arg;
	meter_loop(m, 10, 8000, open_body, &failed);
	return -failed;
}

struct byte_pipe {
	int fds[2];
	int failed;
};

static void pipe_body(void *state, long ops)
{
	struct byte_pipe *p = state;
	char byte = 'x';

	for (long i = 0; i < ops; i++)
		if (write(p->fds[1], &byte, 1) != 1 || read(p->fds[0], &byte, 1) != 1)
			p->failed = EIO;
}

int bench_pipe(struct meter *m, long arg)
{
	struct byte_pipe p = {.failed = 0};

	(void)arg;
	if (pipe2(p.fds, O_CLOEXEC))
		return -errno;
	meter_loop(m, 10, 10000, pipe_body, &p);
	close(p.fds[0]);
	close(p.fds[1]);
	return -p.failed;
}

static void malloc_body(void *state, long ops)
{
	size_t size = *(size_t *)state;

	for (long i = 0; i < ops; i++) {
		void *block = malloc(size);

		__asm__ volatile("" : "+r"(block)::"memory"); /* or the pair is optimised away */
		free(block);
	}
}

int bench_malloc(struct meter *m, long arg)
{
	size_t size = (size_t)arg;

	meter_loop(m, 20, size > 1000 ? 150000 : 400000, malloc_body, &size);
	return 0;
}

static void exec_body(void *state, long ops)
{
	int *failed = state;
	char *argv[] = {"true", NULL};

	for (long i = 0; i < ops; i++) {
		pid_t pid;
		int status;
		int rc = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);

		if (!rc && waitpid(pid, &status, 0) < 0)
			rc = errno;
		if (!rc && status)
			rc = ECHILD;
		if (rc)
			*failed = rc;
	}
}

int bench_exec(struct meter *m, long arg)
{
	int failed = 0;

	(void)arg;
	meter_loop(m, 4, 25, exec_body, &failed);
	return -failed;
}
