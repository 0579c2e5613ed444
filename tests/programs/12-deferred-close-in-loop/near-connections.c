/* SPDX-License-Identifier: MIT */
/* expect: clean */
/*
 * A connection table: the server says hello to each peer as it comes, and closes a connection when
 * its peer has left, in whatever order they leave.
 */
#include "files.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PEERS 80

static struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "service"};

static void *peers_main(void *arg)
{
	int fds[PEERS];
	char byte;

	(void)arg;
	for (int i = 0; i < PEERS; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		die_unless(fds[i] >= 0, "socket");
		die_unless(connect(fds[i], (struct sockaddr *)&address, sizeof(address)) == 0,
			   "connect");
	}
	for (int i = 0; i < PEERS; i++) {
		int fd = fds[i * 37 %
			     PEERS]; /* 37 and PEERS have no common divisor: all, out of order */

		die_unless(recv(fd, &byte, 1, 0) == 1 && byte == 'h', "recv");
		die_unless(send(fd, "b", 1, MSG_NOSIGNAL) == 1, "send");
		close(fd);
	}
	return NULL;
}

static int serve(int listener)
{
	struct pollfd table[PEERS + 1] = {{.fd = listener, .events = POLLIN}};
	int known = 1, left = 0;
	char byte;

	while (left < PEERS) {
		die_unless(poll(table, (nfds_t)known, -1) > 0, "poll");
		for (int i = known - 1; i > 0; i--) {
			if (!(table[i].revents & (POLLIN | POLLHUP)))
				continue;
			if (recv(table[i].fd, &byte, 1, 0) == 1)
				continue;
			close(table[i].fd);
			table[i] = table[--known];
			left++;
		}
		if (table[0].revents & POLLIN) {
			int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

			die_unless(fd >= 0 && send(fd, "h", 1, MSG_NOSIGNAL) == 1, "send");
			table[known++] = (struct pollfd){.fd = fd, .events = POLLIN};
		}
	}
	return left;
}

int main(void)
{
	pthread_t peers;

	limit_descriptors(512);
	scratch_enter(0);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	die_unless(listener >= 0, "socket");
	die_unless(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	die_unless(listen(listener, PEERS) == 0, "listen");
	die_unless(pthread_create(&peers, NULL, peers_main, NULL) == 0, "pthread_create");
	int left = serve(listener);
	pthread_join(peers, NULL);
	close(listener);
	unlink(address.sun_path);
	scratch_leave();
	return left != PEERS;
}
