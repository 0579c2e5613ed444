/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* Descriptors are sent to a child, which closes what it gets; the sender believes that they are
 * gone. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union right {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

static int send_fd(int to, int fd)
{
	union right r = {0};
	struct iovec v = {"x", 1};
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = &r, .msg_controllen = sizeof(r)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(to, &m, 0) == 1;
}

static int take_all(int from)
{
	int taken = 0;

	for (;;) {
		union right r = {0};
		char c;
		struct iovec v = {&c, 1};
		struct msghdr m = {
		    .msg_iov = &v, .msg_iovlen = 1, .msg_control = &r, .msg_controllen = sizeof(r)};
		int fd;

		if (recvmsg(from, &m, 0) != 1)
			return taken;
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
		taken += close(fd) == 0;
	}
}

int main(void)
{
	int pair[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	child = fork();
	if (child == 0) {
		close(pair[0]);
		_exit(take_all(pair[1]) != 12);
	}
	close(pair[1]);
	for (int i = 0; i < 12; i++)
		if (!send_fd(pair[0], open("/proc/self/status", O_RDONLY | O_CLOEXEC)))
			return 3;
	close(pair[0]);
	return waitpid(child, &status, 0) != child || status != 0;
}
