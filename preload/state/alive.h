/* SPDX-License-Identifier: MIT */
/*
 * Which serials live: a moment's picture of the threads or synchronisation objects, for tables that
 * make room by giving up what was said of the dead. A serial may seem alive that is not (they share
 * bits), never the other way, but for one born after the picture was made. In private memory;
 * signal-safe.
 */
#ifndef STATE_ALIVE_H
#define STATE_ALIVE_H

#include "base/common.h"
#include "state/arena.h"

#define ALIVE_BITS (1u << 19)
struct alive {
	u64 word[ALIVE_BITS / 64];
};
/* NULL: no memory. */
struct alive *alive_threads(void);
struct alive *alive_syncs(void);
static inline bool alive_has(const struct alive *a, u32 serial)
{
	return a->word[serial / 64 % (ALIVE_BITS / 64)] >> serial % 64 & 1;
}
void alive_free(struct alive *a);
/* The descriptor is still that generation, and open. */
bool alive_fd(u32 num, u32 gen);

/* How many rows a table may have before it is worth a sweep: twice of what the last one left, at
 * least `least`. */
static inline u32 alive_next_sweep(u32 left, u32 least)
{
	return left * 2 > least ? left * 2 : least;
}

#endif
