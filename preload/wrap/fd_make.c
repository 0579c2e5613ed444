/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that make descriptors which are neither files nor sockets: pipes, events,
 * watches, memory, processes, terminals. None of them blocks. See fd.h. timerfd_create is in
 * timer.c, mq_open in mqueue.c.
 */
#include "wrap/fd.h"

EXPORT int pipe(int fds[2])
{
	__typeof__(real.pipe) f = REAL(pipe);
	struct thread *t = scope_enter();
	int rc = f(fds);

	fd_made_pair(t, rc, fds, FDK_pipe, 0, true);
	return rc;
}
ALIAS(__pipe, pipe);

EXPORT int pipe2(int fds[2], int flags)
{
	__typeof__(real.pipe2) f = REAL(pipe2);
	struct thread *t = scope_enter();
	int rc = f(fds, flags);

	fd_made_pair(t, rc, fds, FDK_pipe, FF_OF_O(flags), true);
	return rc;
}

MAKER(eventfd, (unsigned n, int flags), (n, flags), FDK_eventfd, FF_OF_O((u32)flags))
MAKER(epoll_create, (int n), (n), FDK_epoll, 0)
MAKER(epoll_create1, (int flags), (flags), FDK_epoll, FF_OF_O((u32)flags))
MAKER(inotify_init, (void), (), FDK_inotify, 0)
MAKER(inotify_init1, (int flags), (flags), FDK_inotify, FF_OF_O((u32)flags))
MAKER(fanotify_init, (unsigned flags, unsigned event_flags), (flags, event_flags), FDK_fanotify,
      (flags & FAN_CLOEXEC ? FF_CLOEXEC : 0) | (flags & FAN_NONBLOCK ? FF_NONBLOCK : 0))
MAKER(memfd_create, (const char *name, unsigned flags), (name, flags), FDK_memfd,
      flags &MFD_CLOEXEC ? FF_CLOEXEC : 0)
MAKER(shm_open, (const char *name, int flags, mode_t mode), (name, flags, mode), FDK_shm,
      FF_CLOEXEC)
MAKER(pidfd_open, (pid_t pid, unsigned flags), (pid, flags), FDK_pidfd, FF_CLOEXEC)
MAKER(pidfd_getfd, (int pidfd, int fd, unsigned flags), (pidfd, fd, flags), FDK_received,
      FF_CLOEXEC)
MAKER(posix_openpt, (int flags), (flags), FDK_pty, FF_OF_O((u32)flags))
MAKER(getpt, (void), (), FDK_pty, 0)
MAKER(fsopen, (const char *fs, unsigned flags), (fs, flags), FDK_unknown,
      flags & 1 ? FF_CLOEXEC : 0)
MAKER(fsmount, (int fd, unsigned flags, unsigned attr), (fd, flags, attr), FDK_unknown,
      flags & 1 ? FF_CLOEXEC : 0)
MAKER(fspick, (int dir, const char *path, unsigned flags), (dir, path, flags), FDK_unknown,
      flags & 1 ? FF_CLOEXEC : 0)
MAKER(open_tree, (int dir, const char *path, unsigned flags), (dir, path, flags), FDK_unknown,
      FF_OF_O(flags))

/* With a descriptor it only changes its mask. */
EXPORT int signalfd(int fd, const sigset_t *mask, int flags)
{
	__typeof__(real.signalfd) f = REAL(signalfd);
	struct thread *t = scope_enter();
	int rc = f(fd, mask, flags);

	return fd == -1 ? fd_made(t, rc, FDK_signalfd, FF_OF_O((u32)flags)) : rc;
}

EXPORT int openpty(int *master, int *slave, char *name, const struct termios *mode,
		   const struct winsize *size)
{
	__typeof__(real.openpty) f = REAL_OR_ENOSYS(openpty);
	struct thread *t = scope_enter();
	int rc = f(master, slave, name, mode, size),
	    fds[2] = {rc < 0 ? -1 : *master, rc < 0 ? -1 : *slave};

	fd_made_pair(t, rc, fds, FDK_pty, 0, false);
	return rc;
}
