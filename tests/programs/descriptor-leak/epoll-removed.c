/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* An event loop takes what has come to its end out of the set, and does not close it. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int ended(int ep, int fd)
{
	char c;

	if (read(fd, &c, 1) == 1)
		return 0;
	epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL); /* close(fd) is missing */
	return 1;
}

int main(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), left = 0, pair[2];
	struct epoll_event e = {.events = EPOLLIN};

	for (int i = 0; i < 16; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			return 2;
		e.data.fd = pair[0];
		epoll_ctl(ep, EPOLL_CTL_ADD, pair[0], &e);
		left += write(pair[1], "x", 1) == 1;
		close(pair[1]);
		for (int n = left; n == left;)
			if (epoll_wait(ep, &e, 1, -1) == 1)
				left -= ended(ep, e.data.fd);
	}
	close(ep);
	return left;
}
