/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A table of connections that are polled to the end; the last comes just before it. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 16 };

int main(void)
{
	struct pollfd p[CONNECTIONS];
	int pair[2], client[CONNECTIONS], bad = 0;
	char c;

	for (int n = 0; n < CONNECTIONS; n++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			return 2;
		p[n] = (struct pollfd){.fd = pair[0], .events = POLLIN};
		client[n] = pair[1];
		for (int i = 0; n < CONNECTIONS - 1 && i <= n; i++) {
			bad += write(client[i], "x", 1) != 1 || poll(p, (nfds_t)n + 1, -1) != 1;
			bad += read(p[i].fd, &c, 1) != 1;
		}
	}
	return bad;
}
