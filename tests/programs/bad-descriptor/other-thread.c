/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* One thread closes the socket another one goes on to use. */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];

static void *shuts(void *arg)
{
	close(pair[0]);
	return arg;
}

int main(void)
{
	pthread_t t;
	int ok;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	pthread_create(&t, NULL, shuts, NULL);
	pthread_join(t, NULL);
	ok = send(pair[0], "x", 1, MSG_NOSIGNAL) < 0 && errno == EBADF;
	close(pair[1]);
	return ok ? 0 : 1;
}
