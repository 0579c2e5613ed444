/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Children close the ends they don't need, sweep what is left, by number, by range, from the list
 * in /proc, become daemons, execute; numbers come in messages and from whoever started us. A thread
 * lives meanwhile. */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "steps.h"

static void ends(void)
{
	int p[3][2];

	for (int i = 0; i < 3; i++)
		if (pipe(p[i]))
			_exit(1);
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int k = 0; k < 3; k++)
				close(p[k][1]);
			for (int fd = 3; fd < 64; fd++)
				close(fd);
			execl("/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 3; i++) {
		close(p[i][0]);
		close(p[i][1]);
	}
}

static void sweeps(void)
{
	int fd = open("/dev/null", O_RDONLY), above = dup(fd);
	pid_t pid;

	close(fd); /* below one that is open: a sweep begins there */
	pid = fork();
	if (pid == 0) {
		for (int i = 3; i < 1024; i++)
			close(i);
		_exit(fcntl(above, F_GETFD) != -1);
	}
	waitpid(pid, NULL, 0);
	pid = fork();
	if (pid == 0) {
		close_range(3, ~0u, 0);
		closefrom(3);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	close(above);
}

static void daemons(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (daemon(0, 0))
			_exit(1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void messages(void)
{
	char c = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	int fd = open("/dev/zero", O_RDONLY), p[2], got;
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		_exit(1);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	if (sendmsg(p[0], &m, 0) != 1)
		_exit(1);
	close(fd);
	if (recvmsg(p[1], &m, 0) != 1)
		_exit(1);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	if (read(got, &c, 1) != 1)
		_exit(1);
	close(got);
	close(p[0]);
	close(p[1]);
}

/* Is it open? There are several ways to ask. */
static void probes(void)
{
	int fd = open("/dev/null", O_RDONLY);
	struct pollfd p = {.fd = fd};

	close(fd);
	if (fcntl(fd, F_GETFD) != -1 || fcntl(fd, F_GETFL) != -1 || poll(&p, 1, 0) != 1 ||
	    isatty(fd) || p.revents != POLLNVAL)
		_exit(1);
}

/* A stream that is turned to another file by dup2() goes on, and is closed. */
static void turned(void)
{
	FILE *f = fopen("/dev/null", "w");
	int fd = open("/dev/null", O_WRONLY);

	dup2(fd, fileno(f));
	close(fd);
	fputs("text", f);
	fclose(f);
}

static void all(void)
{
	ends();
	sweeps();
	daemons();
	messages();
	probes();
	turned();
	next_step();
}

static void *lives(void *arg)
{
	next_step();
	return arg;
}

int main(void)
{
	side_by_side(lives, all);
	return 0;
}
