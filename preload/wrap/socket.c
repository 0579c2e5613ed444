/* SPDX-License-Identifier: MIT */
/*
 * Owns: sockets: made, connected, accepted, sent to and received from, with the descriptors that
 * travel in messages. See fd.h.
 */
#include "wrap/fd.h"

enum { READS = ROLE_RECEIVES, WRITES = ROLE_SENDS };

MAKER(socket, (int domain, int type, int protocol), (domain, type, protocol), FDK_socket,
      FF_OF_O((u32)type))
ALIAS(__socket, socket);

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	__typeof__(real.socketpair) f = REAL(socketpair);
	struct thread *t = scope_enter();
	int rc = f(domain, type, protocol, fds);

	fd_made_pair(t, rc, fds, FDK_socketpair, FF_OF_O((u32)type), false);
	return rc;
}

EXPORT int listen(int fd, int backlog)
{
	__typeof__(real.listen) f = REAL(listen);
	struct thread *t = scope_enter();
	int rc = f(fd, backlog);

	int e = errno;

	if (t && rc == 0) {
		fd_flags(fd, FF_LISTEN, 0);
		fd_used(t, fd, 0);
	} else if (t && e == EBADF) {
		bad_fd_failed(t, fd);
		errno = e;
	}
	return rc;
}

/* A peer has come: what its thread does now, it does for it. */
static int accepted(struct thread *t, int fd, u32 flags)
{
	fd_made(t, fd, FDK_socket, flags);
	if (t && fd >= 0)
		t->serving = (u32)fd + 1;
	return fd;
}

EXPORT int accept(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len)
{
	__typeof__(real.accept) f = REAL(accept);
	struct io io;
	int rc;

	io_enter(&io, CALL_accept, fd, READS, CALLER_PC(), CALLER_SP());
	rc = f(fd, addr, len);
	io_leave(&io, rc);
	return accepted(io.b.t, rc, 0);
}

EXPORT int accept4(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len, int flags)
{
	__typeof__(real.accept4) f = REAL(accept4);
	struct io io;
	int rc;

	io_enter(&io, CALL_accept, fd, READS, CALLER_PC(), CALLER_SP());
	rc = f(fd, addr, len, flags);
	io_leave(&io, rc);
	return accepted(io.b.t, rc, FF_OF_O((u32)flags));
}

IO(int, connect, (int fd, __CONST_SOCKADDR_ARG addr, socklen_t len), (fd, addr, len), connect, fd,
   0)
ALIAS(__connect, connect);
IO(int, shutdown, (int fd, int how), (fd, how), shutdown, fd, IO_QUIET | IO_CHECK)

#define NB(flags) ((flags)&MSG_DONTWAIT ? IO_NONBLOCK : 0)
IO(ssize_t, recv, (int fd, void *buf, size_t n, int flags), (fd, buf, n, flags), recv, fd,
   READS | NB(flags))
ALIAS(__recv, recv);
IO(ssize_t, __recv_chk, (int fd, void *buf, size_t n, size_t size, int flags),
   (fd, buf, n, size, flags), recv, fd, READS | NB(flags))
IO(ssize_t, recvfrom,
   (int fd, void *restrict buf, size_t n, int flags, __SOCKADDR_ARG from, socklen_t *restrict len),
   (fd, buf, n, flags, from, len), recvfrom, fd, READS | NB(flags))
IO(ssize_t, __recvfrom_chk,
   (int fd, void *restrict buf, size_t n, size_t size, int flags, __SOCKADDR_ARG from,
    socklen_t *restrict len),
   (fd, buf, n, size, flags, from, len), recvfrom, fd, READS | NB(flags))
IO(ssize_t, send, (int fd, const void *buf, size_t n, int flags), (fd, buf, n, flags), send, fd,
   WRITES | NB(flags))
ALIAS(__send, send);
IO(ssize_t, sendto,
   (int fd, const void *buf, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len),
   (fd, buf, n, flags, to, len), sendto, fd, WRITES | NB(flags))

/* ---- descriptors in messages
 * -----------------------------------------------------------------------------------------------
 */

/* Calls fn for each descriptor that came or goes with a message. */
static void each_right(struct thread *t, struct msghdr *m, u32 flags,
		       void (*fn)(struct thread *, int, u32))
{
	struct cmsghdr *c;

	if (likely(!m->msg_control || m->msg_controllen < sizeof(*c)))
		return;
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n =
		    c->cmsg_len < CMSG_LEN(0) ? 0 : (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			fn(t, fd, flags);
		}
	}
}
static void came(struct thread *t, int fd, u32 flags)
{
	fd_made(t, fd, FDK_received, flags);
}
static void goes(struct thread *t, int fd, u32 flags)
{
	(void)t;
	fd_flags(fd, flags, 0);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	__typeof__(real.recvmsg) f = REAL(recvmsg);
	struct io io;
	ssize_t r;

	io_enter(&io, CALL_recvmsg, fd, READS | NB(flags), CALLER_PC(), CALLER_SP());
	r = f(fd, m, flags);
	io_leave(&io, r);
	if (r >= 0 && io.b.t)
		each_right(io.b.t, m, flags & MSG_CMSG_CLOEXEC ? FF_CLOEXEC : 0, came);
	return r;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *v, unsigned n, int flags, struct timespec *timeout)
{
	__typeof__(real.recvmmsg) f = REAL(recvmmsg);
	struct io io;
	int r;

	io_enter(&io, CALL_recvmmsg, fd, READS | NB(flags) | (timeout ? IO_TIMED : 0), CALLER_PC(),
		 CALLER_SP());
	r = f(fd, v, n, flags, timeout);
	io_leave(&io, r);
	for (int i = 0; io.b.t && i < r; i++)
		each_right(io.b.t, &v[i].msg_hdr, flags & MSG_CMSG_CLOEXEC ? FF_CLOEXEC : 0, came);
	return r;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	__typeof__(real.sendmsg) f = REAL(sendmsg);
	struct io io;
	ssize_t r;

	io_enter(&io, CALL_sendmsg, fd, WRITES | NB(flags), CALLER_PC(), CALLER_SP());
	r = f(fd, m, flags);
	io_leave(&io, r);
	if (r >= 0 && io.b.t)
		each_right(io.b.t, (struct msghdr *)m, FF_PASSED, goes);
	return r;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags)
{
	__typeof__(real.sendmmsg) f = REAL(sendmmsg);
	struct io io;
	int r;

	io_enter(&io, CALL_sendmmsg, fd, WRITES | NB(flags), CALLER_PC(), CALLER_SP());
	r = f(fd, v, n, flags);
	io_leave(&io, r);
	for (int i = 0; io.b.t && i < r; i++)
		each_right(io.b.t, &v[i].msg_hdr, FF_PASSED, goes);
	return r;
}
ALIAS(__sendmmsg, sendmmsg);
