/* SPDX-License-Identifier: MIT */
/*
 * Who last used which of the objects that libc keeps one of for the whole process
 * (include/unsafe_calls.def), and which locks he held. Owns: that table, and each thread's memo of
 * what it has said there already. Doesn't: judge (detect/unsafe_call.c). Nothing of it is in the
 * trace: what was told is. Signal-safe.
 */
#ifndef STATE_UNSAFE_H
#define STATE_UNSAFE_H

#include "base/common.h"
#include "state/thread.h"

enum unsafe_buffer_id {
#define UNSAFE_BUFFER(id, what) UNSAFE_BUFFER_##id,
#define UNSAFE_CALL(name, buffer, instead)
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
	UNSAFE_BUFFERS
};
enum unsafe_call {
#define UNSAFE_BUFFER(id, what)
#define UNSAFE_CALL(name, buffer, instead) UNSAFE_##name,
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
	UNSAFE_CALLS
};

#define UNSAFE_LOCKS 6	/* locks kept of one use; with more no use is judged */
#define UNSAFE_USES  12 /* kept of one object: one by thread and set of locks, the latest */
#define UNSAFE_TOLD  4	/* pairs of places told of one object; then it is done */

struct unsafe_use {
	u64 stamp;		/* of the order the thread was in */
	u64 age;		/* which record of the table this was, from 1; 0: free */
	u32 thread, stack;	/* serial */
	u16 call;		/* enum unsafe_call */
	u16 nlocks;		/* more than UNSAFE_LOCKS: unknown ones too */
	bool once;		/* inside an initialiser that runs once */
	u64 lock[UNSAFE_LOCKS]; /* addresses; bit 0: held for reading only */
};
struct unsafe_buffer {
	u64 key;     /* a directory stream's address; 0: one a process */
	u32 version; /* changes with every change of what is below; no two objects ever have the
		      * same
		      */
	u32 told;    /* pairs told */
	struct unsafe_pair {
		u32 a, b; /* stacks */
		bool unsure;
	} pair[UNSAFE_TOLD];
	struct unsafe_use use[UNSAFE_USES];
};

/* The record of a buffer that there is one of in the process. */
extern struct unsafe_buffer unsafe_buffers[UNSAFE_BUFFERS];
/* The place where a directory stream has its record, if it has one (key says so). */
#define UNSAFE_STREAMS 64
extern struct unsafe_buffer unsafe_streams[UNSAFE_STREAMS];
static inline struct unsafe_buffer *unsafe_stream(u64 key)
{
	return &unsafe_streams[(key >> 4 ^ key >> 12) % UNSAFE_STREAMS];
}

/* Makes `use` known as the thread's latest of its locks, and in its memo m as `bit`. Each other
 * thread's use is put to `judge`; the first that races with it, and of whose pair of places that is
 * not known yet, is copied to *with, its pair kept as told, and the verdict returned. */
enum unsafe_verdict { UNSAFE_SOUND, UNSAFE_MAYBE, UNSAFE_RACES };
typedef enum unsafe_verdict unsafe_judge(struct thread *t, const struct unsafe_use *mine,
					 const struct unsafe_use *other);
enum unsafe_verdict unsafe_record(struct thread *t, struct unsafe_buffer *b, u64 key,
				  const struct unsafe_use *use, unsafe_judge *judge,
				  struct unsafe_use *with, struct unsafe_memo *m, u64 bit);
/* All is told of it that ever will be. */
static inline bool unsafe_is_done(const struct unsafe_buffer *b)
{
	return b->told >= UNSAFE_TOLD && !b->pair[UNSAFE_TOLD - 1].unsure;
}
/* A directory stream is closed: what lies there next is another one. */
static inline void unsafe_forget(u64 key)
{
	struct unsafe_buffer *b = unsafe_stream(key);

	if (b->key == key)
		__atomic_compare_exchange_n(&b->key, &key, 0, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
}
void unsafe_fork_child(void);

#endif
