/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Everything is closed, by whoever owns it: fclose after fdopen, closedir after fdopendir, pclose,
 * close after mkstemp, a raw system call, both sides of a message. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

union right {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int))];
};

static int pass(int pair[2])
{
	union right r = {0};
	char c = 'x';
	struct iovec v = {&c, 1};
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = &r, .msg_controllen = sizeof(r)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	int fd = open("/dev/null", O_WRONLY), got = -1;

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	if (sendmsg(pair[0], &m, 0) != 1)
		return 1;
	close(fd);
	memset(&r, 0, sizeof(r));
	if (recvmsg(pair[1], &m, 0) != 1)
		return 1;
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	return close(got);
}

static int one_of_each(int pair[2])
{
	char name[] = "/tmp/near-owners-XXXXXX", line[64];
	FILE *f = fdopen(open("/proc/self/status", O_RDONLY), "r"), *p = popen("echo yes", "r"),
	     *t = tmpfile();
	DIR *d = fdopendir(open("/proc/self", O_RDONLY | O_DIRECTORY)), *o = opendir("/proc/self");
	int fd = mkstemp(name), bad = 0;

	bad += !f || !fgets(line, sizeof(line), f) || fclose(f);
	bad += !p || !fgets(line, sizeof(line), p) || pclose(p);
	bad += !t || fputs("x", t) < 0 || fclose(t);
	bad += !d || !readdir(d) || closedir(d);
	bad += !o || closedir(o);
	bad += fd < 0 || unlink(name) || close(fd);
	bad += syscall(SYS_close, open("/dev/null", O_RDONLY)) != 0;
	return bad + pass(pair);
}

int main(void)
{
	int pair[2], bad = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	for (int i = 0; i < 12; i++)
		bad += one_of_each(pair);
	close(pair[0]);
	close(pair[1]);
	return bad;
}
