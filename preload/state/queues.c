/* SPDX-License-Identifier: MIT */
/* Owns: the queue table. See queues.h. Searched from end to end: opening a queue by name is dear
 * anyhow, and there are few. */
#include "state/queues.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/sys.h"
#include "state/stacks.h"

static struct {
	unsigned lock;
} APART queues;

static u32 hash_of(const char *name)
{
	u32 h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

static struct st_queue *queue_row(u32 i)
{
	struct st_queue *q = i ? row_get(TABLE_queue, i) : NULL;

	return q && q->serial ? q : NULL;
}

/* With queues.lock held. */
static u32 find(const char *name, u32 hash)
{
	u32 n = state->table[TABLE_queue].used;

	for (u32 i = 1; i < n; i++) {
		struct st_queue *q = queue_row(i);

		if (q && q->hash == hash && strncmp(q->name, name, sizeof(q->name) - 1) == 0)
			return i;
	}
	return 0;
}

static u32 make(struct thread *t, const char *name, u32 hash, u32 stack)
{
	u32 i = row_new(TABLE_queue);
	struct st_queue *q;

	if (i == UINT32_MAX)
		return 0;
	q = row_get(TABLE_queue, i);
	q->thread = t->serial;
	q->stack = stack;
	q->born = clock_coarse();
	q->hash = hash;
	for (size_t c = 0; c < sizeof(q->name) - 1 && name[c]; c++)
		q->name[c] = name[c];
	__atomic_store_n(&q->serial, i, __ATOMIC_RELEASE);
	return i;
}

static void drop_if_done(u32 i, struct st_queue *q)
{
	if (!q->opened && !(q->flags & QF_MADE))
		row_free(TABLE_queue, i);
}

u32 queue_opened(struct thread *t, const char *name, bool made)
{
	u32 stack = stack_here(t), hash = hash_of(name), i;
	struct lock_guard g = lock_acquire(&queues.lock);
	struct st_queue *q;

	i = find(name, hash);
	if (!i)
		i = make(t, name, hash, stack);
	q = queue_row(i);
	if (q) {
		q->opened++;
		q->opens++;
		if (made) {
			q->flags |= QF_MADE;
			q->stack = stack;
			q->thread = t->serial;
		}
	}
	lock_release(&g);
	return i;
}

void queue_closed(u32 row)
{
	struct lock_guard g;
	struct st_queue *q;

	if (!row)
		return;
	g = lock_acquire(&queues.lock);
	q = queue_row(row);
	if (q && q->opened) {
		q->opened--;
		drop_if_done(row, q);
	}
	lock_release(&g);
}

void queue_removed(const char *name)
{
	struct lock_guard g = lock_acquire(&queues.lock);
	u32 i = find(name, hash_of(name));
	struct st_queue *q = queue_row(i);

	if (q) {
		q->flags &= ~(u32)QF_MADE;
		drop_if_done(i, q);
	}
	lock_release(&g);
}

/* Is there a queue of that name? Names that were cut are taken to be. */
static bool exists(const char *name)
{
	long q;

	if (strlen(name) >= sizeof(((struct st_queue *)0)->name) - 1 || name[0] != '/')
		return true;
	q = sys_call(SYS_mq_open, name + 1, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, 0);
	if (q >= 0)
		sys_close((int)q);
	return q != -ENOENT;
}

void queues_look(void)
{
	u32 n = state->table[TABLE_queue].used;

	for (u32 i = 1; i < n; i++) {
		struct st_queue *q = queue_row(i);

		if (q && q->flags & QF_MADE && !exists(q->name))
			q->flags &= ~(u32)QF_MADE;
	}
}

void queues_fork_child(void)
{
	u32 n = state->table[TABLE_queue].used;

	queues.lock = 0;
	for (u32 i = 1; i < n; i++) {
		struct st_queue *q = queue_row(i);

		if (!q)
			continue;
		q->flags &= ~(u32)QF_MADE;
		drop_if_done(i, q);
	}
}
