/* SPDX-License-Identifier: MIT */
/* expect: descriptor-exhaustion error */
/* A server polls all its clients, and lets them stay; when no more can be accepted it goes on with
 * those it has. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 64, LIMIT = 40 };

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t length;

static int clients(void)
{
	for (int i = 0; i < MANY; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) ||
		    write(fd, "x", 1) != 1)
			return 1;
	}
	pause();
	return 0;
}

static int serve(int listener)
{
	struct pollfd p[MANY + 1] = {{.fd = listener, .events = POLLIN}};
	int n = 1;

	for (;;) {
		char c;

		poll(p, (nfds_t)n, -1);
		p[n].fd = accept(listener, NULL, NULL);
		if (p[n].fd < 0)
			break;
		p[n].events = POLLIN;
		n += read(p[n].fd, &c, 1) == 1;
	}
	return errno == EMFILE ? n : 0;
}

int main(void)
{
	struct rlimit few = {LIMIT, LIMIT};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), served;
	pid_t child;

	length = (socklen_t)(sizeof(address.sun_family) + 1);
	length += (socklen_t)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
				      "accept-handled-%d", getpid());
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, MANY))
		return 2;
	child = fork();
	if (child == 0)
		_exit(clients());
	if (setrlimit(RLIMIT_NOFILE, &few))
		return 3;
	served = serve(listener);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return served < 8;
}
