/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* Descriptors come by message; each is used once and kept. The sender closes its own. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
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

static int receive_fd(int from)
{
	union right r = {0};
	char c;
	struct iovec v = {&c, 1};
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = &r, .msg_controllen = sizeof(r)};
	int fd = -1;

	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

int main(void)
{
	int pair[2], good = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	for (int i = 0; i < 12; i++) {
		int fd = open("/dev/null", O_WRONLY);
		int got = send_fd(pair[0], fd) ? receive_fd(pair[1]) : -1;

		close(fd);
		good += got >= 0 && write(got, "x", 1) == 1; /* close(got) is missing */
	}
	close(pair[0]);
	close(pair[1]);
	return good != 12;
}
