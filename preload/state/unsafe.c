/* SPDX-License-Identifier: MIT */
/*
 * Owns: the table of uses of libc's shared objects. See unsafe.h. unsafe.lock nests in nothing and
 * nothing is taken inside; the version is read without it.
 */
#include "state/unsafe.h"

#include <string.h>

#include "base/lock.h"

struct unsafe_buffer unsafe_buffers[UNSAFE_BUFFERS];
struct unsafe_buffer unsafe_streams[UNSAFE_STREAMS];

static struct {
	unsigned lock;
	u32 version;
	u64 age;
} APART unsafe;

static bool same_locks(const struct unsafe_use *a, const struct unsafe_use *b)
{
	u32 n = a->nlocks < UNSAFE_LOCKS ? a->nlocks : UNSAFE_LOCKS;

	return a->nlocks == b->nlocks && memcmp(a->lock, b->lock, n * sizeof(a->lock[0])) == 0;
}

/* The thread's own use with these locks; else a free place; else the oldest. */
static struct unsafe_use *place_of(struct unsafe_buffer *b, const struct unsafe_use *use)
{
	struct unsafe_use *oldest = &b->use[0];

	for (u32 i = 0; i < UNSAFE_USES; i++) {
		struct unsafe_use *u = &b->use[i];

		if (u->age && u->thread == use->thread && same_locks(u, use))
			return u;
		if (u->age < oldest->age)
			oldest = u;
	}
	return oldest;
}

static struct unsafe_pair *pair_of(struct unsafe_buffer *b, u32 x, u32 y)
{
	for (u32 i = 0; i < b->told; i++)
		if ((b->pair[i].a == x && b->pair[i].b == y) ||
		    (b->pair[i].a == y && b->pair[i].b == x))
			return &b->pair[i];
	return b->told < UNSAFE_TOLD ? &b->pair[b->told] : NULL;
}

/* Is this of a pair news? What was only suspected before is, once it is sure. */
static bool news(struct unsafe_buffer *b, u32 x, u32 y, enum unsafe_verdict v)
{
	struct unsafe_pair *p = pair_of(b, x, y);

	if (v == UNSAFE_SOUND || !p)
		return false;
	if (p == &b->pair[b->told])
		b->told++;
	else if (!p->unsure || v == UNSAFE_MAYBE)
		return false;
	p->a = x;
	p->b = y;
	p->unsure = v == UNSAFE_MAYBE;
	return true;
}

enum unsafe_verdict unsafe_record(struct thread *t, struct unsafe_buffer *b, u64 key,
				  const struct unsafe_use *use, unsafe_judge *judge,
				  struct unsafe_use *with, struct unsafe_memo *m, u64 bit)
{
	struct lock_guard g = lock_acquire(&unsafe.lock);
	enum unsafe_verdict v = UNSAFE_SOUND;
	struct unsafe_use *mine;

	if (b->key != key) {
		memset(b, 0, sizeof(*b));
		__atomic_store_n(&b->key, key, __ATOMIC_RELAXED);
	}
	if (m->buffer != b || m->version != b->version || m->stamp != use->stamp)
		m->seen = 0;
	for (u32 i = 0; i < UNSAFE_USES && v == UNSAFE_SOUND; i++) {
		const struct unsafe_use *u = &b->use[i];

		if (!u->age || u->thread == use->thread)
			continue;
		v = judge(t, use, u);
		if (news(b, u->stack, use->stack, v))
			*with = *u;
		else
			v = UNSAFE_SOUND;
	}
	mine = place_of(b, use);
	/* Only what is news to others sends them here again. */
	if (!mine->age || mine->thread != use->thread || mine->stamp != use->stamp ||
	    mine->stack != use->stack || !same_locks(mine, use))
		__atomic_store_n(&b->version, ++unsafe.version, __ATOMIC_RELEASE);
	*mine = *use;
	mine->age = ++unsafe.age;
	*m = (struct unsafe_memo){b, use->stamp, m->seen | bit, b->version};
	lock_release(&g);
	return v;
}

/* The one thread of the child has nobody to share with yet. */
void unsafe_fork_child(void)
{
	unsafe.lock = 0;
	if (!unsafe.version)
		return;
	memset(unsafe_buffers, 0, sizeof(unsafe_buffers));
	memset(unsafe_streams, 0, sizeof(unsafe_streams));
}
