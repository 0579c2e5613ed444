/* SPDX-License-Identifier: MIT */
/*
 * What sync.c and sync_memory.c share: the table's own words, and the lists by page. Nobody else
 * includes it.
 */
#ifndef STATE_SYNC_ROWS_H
#define STATE_SYNC_ROWS_H

#include "sync.h"

struct sync_table {
	unsigned lock;
	u32 serial, dead_kept;
	u32 buckets, pages; /* offsets in the state / 64 */
	u32 changes;	    /* of the lists by page: odd while one is being changed */
	u32 inherited;	    /* serial of the youngest that came by fork */
	u32 tomb, spins;    /* next place in tombs[]; spinlocks among them */
};
extern struct sync_table sync_;

/* Head of the list of a page's objects, living and remembered; NULL if there is no room. */
u32 *sync_page(uintptr_t page);
/* Its memory is gone. With sync_.lock held. */
void sync_row_gone(u32 i, u32 by);

#endif
