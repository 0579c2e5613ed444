/* SPDX-License-Identifier: MIT */
/*
 * The tool's own descriptors: the program must not see them closed, reused or counted. Signal-safe.
 */
#ifndef BASE_OURFDS_H
#define BASE_OURFDS_H

#include "base/common.h"

#define OURFDS 2
/* Where the owners keep their numbers (-1: none); `at` stays valid. */
void ourfds_register(int slot, int *at);
bool fd_is_ours(int fd);
/* The least of our numbers from `from` on, UINT_MAX if there is none. */
unsigned fd_ours_next(unsigned from);
/* The program is about to put something on one of our numbers (dup2): we move out of its way. */
void fd_make_way(int fd);

#endif
