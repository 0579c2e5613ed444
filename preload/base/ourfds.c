/* SPDX-License-Identifier: MIT */
/* Owns: which descriptor numbers are the tool's. See ourfds.h. */
#include "base/ourfds.h"

#include "base/sys.h"

static int *ours[OURFDS];

void ourfds_register(int slot, int *at)
{
	ours[slot] = at;
}

bool fd_is_ours(int fd)
{
	for (int i = 0; i < OURFDS; i++)
		if (fd >= 0 && ours[i] && *ours[i] == fd)
			return true;
	return false;
}

unsigned fd_ours_next(unsigned from)
{
	unsigned least = UINT32_MAX;

	for (int i = 0; i < OURFDS; i++)
		if (ours[i] && *ours[i] >= 0 && (unsigned)*ours[i] >= from &&
		    (unsigned)*ours[i] < least)
			least = (unsigned)*ours[i];
	return least;
}

void fd_make_way(int fd)
{
	for (int i = 0; i < OURFDS; i++) {
		int to;

		if (fd < 0 || !ours[i] || *ours[i] != fd)
			continue;
		to = (int)sys_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, fd + 1, 0);
		if (to < 0)
			to = (int)sys_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3, 0);
		*ours[i] = to < 0 ? -1 : to;
	}
}
