/* SPDX-License-Identifier: MIT */
/* Owns nothing; changes rows of fd through fds.h. See fd_look.h. */
#include "detect/fd_look.h"

#include <poll.h>

#include "base/sys.h"
#include "state/fds.h"
#include "state/sites.h"

enum { SEVERAL = 4, AT_ONCE = 32 };

static bool has_several(const struct st_fd *f)
{
	const struct st_site *s = f->open && f->site ? site_get(f->site) : NULL;

	return s && s->made - s->gone >= SEVERAL;
}

static bool has_peer(const struct st_fd *f)
{
	return f->kind == FDK_socket || f->kind == FDK_socketpair || f->kind == FDK_pipe ||
	       f->kind == FDK_fifo;
}

/* poll() would wake drivers up: only what has a peer is asked so. */
static void look(struct thread *t, struct pollfd *p, unsigned n)
{
	const struct timespec none = {0};

	if (sys_call6(SYS_ppoll, (long)p, n, (long)&none, 0, 8, 0) < 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		if (p[i].revents & POLLNVAL)
			fd_died_at(t, p[i].fd, 0);
		else if (p[i].revents & (POLLHUP | POLLRDHUP | POLLERR))
			fd_flags(p[i].fd, FF_PEER_GONE, 0);
	}
}

void fds_look(struct thread *t)
{
	u32 rows = state->table[TABLE_fd].used;
	struct pollfd p[AT_ONCE];
	unsigned n = 0;

	for (u32 i = 0; i < rows; i++) {
		struct st_fd *f = fd_get((int)i);

		if (!f || !has_several(f))
			continue;
		if (has_peer(f))
			p[n++] = (struct pollfd){.fd = (int)i, .events = POLLRDHUP};
		else if (sys_call(SYS_fcntl, i, F_GETFD, 0, 0) == -EBADF)
			fd_died_at(t, (int)i, 0);
		if (n == AT_ONCE) {
			look(t, p, n);
			n = 0;
		}
	}
	if (n)
		look(t, p, n);
}
