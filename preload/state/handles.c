/* SPDX-License-Identifier: MIT */
/* Owns: the ring of handles given up. See handles.h. handles.lock nests in nothing. */
#include "state/handles.h"

#include <string.h>

#include "base/lock.h"

enum { REMEMBERED = 256 };

static struct {
	unsigned lock;
	u32 next; /* the oldest */
	struct handle ring[REMEMBERED];
} APART handles;

void handle_given_up(const struct handle *h)
{
	struct lock_guard g = lock_acquire(&handles.lock);

	handles.ring[handles.next] = *h;
	handles.next = (handles.next + 1) % REMEMBERED;
	lock_release(&g);
}

bool handle_find(u64 pthread, u32 serial, struct handle *out)
{
	struct lock_guard g = lock_acquire(&handles.lock);
	bool found = false;

	for (u32 i = 1; i <= REMEMBERED && !found; i++) {
		const struct handle *h = &handles.ring[(handles.next - i) % REMEMBERED];

		found = h->how && h->pthread == pthread && (!serial || h->serial == serial);
		if (found)
			*out = *h;
	}
	lock_release(&g);
	return found;
}

/* The threads behind them were the parent's. */
void handles_fork_child(void)
{
	handles.lock = 0;
	arena_child_clear(handles.ring, sizeof(handles.ring));
}
