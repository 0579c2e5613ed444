/* SPDX-License-Identifier: MIT */
/*
 * Owns: the state mapping, its growth, its tables' rows; private memory. Doesn't: know what rows
 * mean. Locks: header-resident words. table.lock (one a table) is taken before arena_lock (growth),
 * never the other way.
 */
#include "state/arena.h"

#include <string.h>
#include <sys/resource.h>

#include "base/lock.h"
#include "base/ourfds.h"

enum { GROW = 64 * 1024, PRIVATE_STEP = 256 * 1024, HEADROOM = 256 * 1024, CLASSES = 16 };

struct st_header *state;

static struct {
	unsigned lock, private_lock;
	int fd;
	bool sandboxed, torn;
	int populate;		       /* MAP_POPULATE: all of it is about to be written */
	size_t reserved, mapped, used; /* used ≤ mapped ≤ reserved */
	char *priv;		       /* current private block */
	size_t priv_used, priv_size, priv_total;
	void *free_private[CLASSES];
	unsigned *ours; /* 1, in wiped-on-fork memory */
} APART arena = {.fd = -1};

struct table_size {
	u32 size, first, max;
};
/* `max` is rows at most, whatever max_memory says: it bounds the worst of one table. */
static const struct table_size table_sizes[TABLES] = {
    [TABLE_thread] = {sizeof(struct st_thread), 32, 1 << 17},
    [TABLE_live] = {sizeof(struct st_live), 8, 1 << 15},
    [TABLE_sync] = {sizeof(struct st_sync), 64, 1 << 20},
    [TABLE_fd] = {sizeof(struct st_fd), 64, 1 << 20},
    [TABLE_timer] = {sizeof(struct st_timer), 32, 1 << 17},
    [TABLE_site] = {sizeof(struct st_site), 64, 1 << 15},
    [TABLE_hold_io] = {sizeof(struct st_hold_io), 32, 1 << 14},
    [TABLE_contend] = {sizeof(struct st_contend), 32, 1 << 15},
    [TABLE_edge] = {sizeof(struct st_edge), 64, 1 << 16},
    [TABLE_repeat] = {sizeof(struct st_repeat), 16, 1 << 10},
    [TABLE_spin] = {sizeof(struct st_spin), 16, 1 << 12},
    [TABLE_role] = {sizeof(struct st_role), 64, 1 << 16},
    [TABLE_queue] = {sizeof(struct st_queue), 16, 1 << 12},
    [TABLE_stack] = {sizeof(struct st_stack), 128, 1 << 20},
    [TABLE_frame] = {sizeof(struct st_frame), 1024, 1 << 24},
};

static void *map_anon(void *at, size_t len, int extra)
{
	return sys_mmap(at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | extra, -1,
			0);
}

/* Extends the file to `end` with real blocks behind it: a store must never meet a page the file
 * system can't back (G26, G27). */
static int file_extend(size_t end)
{
	struct rlimit fsize = {RLIM_INFINITY, RLIM_INFINITY};
	static const char zeros[4096];
	long r;

	if (arena.fd < 0 || arena.sandboxed)
		return -EBADF;
	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &fsize);
	if (end > fsize.rlim_cur)
		return -EFBIG;
	do
		r = sys_call(SYS_fallocate, arena.fd, 0, arena.mapped, end - arena.mapped);
	while (r == -EINTR); /* signals 32 and 33 are not blocked */
	if (r != -EOPNOTSUPP && r != -ENOSYS)
		return (int)r;
	if (sys_call(SYS_lseek, arena.fd, arena.mapped, 0, 0) < 0)
		return -EIO;
	for (size_t at = arena.mapped; at < end; at += sizeof(zeros)) {
		int rc = sys_write_all(arena.fd, zeros, sizeof(zeros));

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Maps up to `end`. Called with arena.lock held, or before there are threads. */
static int grow_to(char *base, size_t end)
{
	void *p = (void *)-1L;

	end = (end + GROW - 1) & ~(size_t)(GROW - 1);
	if (end > arena.reserved)
		return -ENOMEM;
	if (end <= arena.mapped)
		return 0;
	if (file_extend(end) == 0) {
		p = sys_mmap(base + arena.mapped, end - arena.mapped, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, arena.fd, arena.mapped);
		if (!sys_failed(p) && (!state || state->file_size == arena.mapped))
			((struct st_header *)base)->file_size = end;
	}
	if (sys_failed(p)) {
		p = map_anon(base + arena.mapped, end - arena.mapped, MAP_FIXED | arena.populate);
		if (sys_failed(p))
			return -ENOMEM;
		((struct st_header *)base)->file_backed = 0; /* earlier pages stay in the file */
	}
	arena.mapped = end;
	return 0;
}

/* Offset of `size` fresh bytes, or 0. Called with arena.lock held, or before there are threads. */
static size_t bump(size_t size)
{
	size_t at = (arena.used + 127) & ~(size_t)127; /* lines are fetched in pairs */

	if (at + size > arena.mapped && grow_to((char *)state, at + size) < 0)
		return 0;
	arena.used = at + size;
	return at;
}

/* Reserved space counts against RLIMIT_AS: at most a sixteenth of it is ours. */
static int reserve(char **base, size_t max_bytes)
{
	struct rlimit as = {RLIM_INFINITY, RLIM_INFINITY};

	sys_call(SYS_prlimit64, 0, RLIMIT_AS, 0, &as);
	if (max_bytes > as.rlim_cur / 16)
		max_bytes = as.rlim_cur / 16 & ~(size_t)(GROW - 1);
	for (size_t want = max_bytes; want >= 4 * GROW; want /= 2) {
		void *p = sys_mmap(NULL, want, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (!sys_failed(p)) {
			*base = p;
			arena.reserved = want;
			return 0;
		}
	}
	return -ENOMEM;
}

static int open_private(void)
{
	arena.priv = NULL;
	arena.priv_used = arena.priv_size = arena.priv_total = 0;
	arena.private_lock = 0;
	memset(arena.free_private, 0, sizeof(arena.free_private));
	arena.ours = arena_private(64);
	if (!arena.ours)
		return -ENOMEM;
	*arena.ours = 1;
	return 0;
}

int arena_open(int fd, size_t max_bytes)
{
	char *base;
	int rc = reserve(&base, max_bytes);

	if (rc < 0)
		return rc;
	arena.fd = fd;
	ourfds_register(0, &arena.fd);
	arena.mapped = 0;
	state = NULL;
	rc = grow_to(base, sizeof(struct st_header));
	if (rc < 0) {
		arena.fd = -1; /* the caller closes it: the number is the program's again */
		sys_munmap(base, arena.reserved);
		return rc;
	}
	arena.used = sizeof(struct st_header);
	state = (struct st_header *)base;
	state->file_backed = fd >= 0 && state->file_size;
	state->magic = STATE_MAGIC;
	state->version = TRACE_VERSION;
	state->header_size = sizeof(struct st_header);
	for (int t = 0; t < TABLES; t++) {
		state->table[t].size = table_sizes[t].size;
		state->table[t].first = table_sizes[t].first;
		state->table[t].max = table_sizes[t].max;
		state->table[t].used = 1; /* row 0 means none */
	}
	state->table[TABLE_fd].used = 0;
	return open_private();
}

int arena_attach(int fd)
{
	size_t mapped = arena.mapped;
	void *p;
	int rc;

	if (state->file_size)
		return 0;
	arena.fd = fd;
	arena.mapped = 0;
	rc = file_extend(mapped);
	arena.mapped = mapped;
	if (rc == 0 && sys_call(SYS_lseek, fd, 0, 0, 0) < 0)
		rc = -EIO;
	state->file_size = mapped;
	state->file_backed = 1;
	if (rc == 0)
		rc = sys_write_all(fd, state, mapped);
	if (rc == 0) {
		p = sys_mmap(state, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
		rc = sys_failed(p) ? -ENOMEM : 0;
	}
	if (rc < 0) {
		state->file_size = state->file_backed = 0;
		arena.fd = -1;
	}
	return rc;
}

/* Forward, word by word: a row is read first word first, so that one which has it is complete. */
static void copy_words(void *to, const void *from, size_t n)
{
	const volatile u64 *f = from;
	u64 *t = to;

	for (size_t i = 0; i < n / sizeof(u64); i++)
		t[i] = f[i];
}

/* What other threads were doing: chunks that came after our `used` are not in the copy; free lists
 * may be cut. */
static void mend_table(enum trace_table t)
{
	struct st_table *tb = &state->table[t];

	tb->lock = 0;
	for (unsigned k = 0; k < TABLE_CHUNKS; k++)
		if (tb->chunk[k] &&
		    tb->chunk[k] + (u64)tb->size * ((u64)tb->first << k) > arena.used)
			tb->chunk[k] = 0;
	if (t == TABLE_fd || t == TABLE_frame)
		return;
	tb->free = 0;
	for (u32 i = tb->used; i-- > 1;) {
		u32 *row = row_get(t, i);

		if (!row || row[0])
			continue;
		if (row[1] != tb->free)
			row[1] = tb->free;
		tb->free = i + 1;
	}
}

/* Where the parent's state is in a file, its pages are shared and the parent goes on changing them
 * while they are copied. Where it is in memory, the kernel made the copy at one moment, in which
 * other threads may have held our locks. */
int arena_fork(void)
{
	struct st_header *old = state;
	size_t used = arena.used, reserved = arena.reserved;
	int rc = 0;

	arena.lock = 0;
	arena.torn = old->file_size || old->threads_made > 1;
	if (old->file_size) {
		rc = arena_open(-1, reserved);
		arena.populate = MAP_POPULATE;
		if (rc == 0)
			rc = grow_to((char *)state, used);
		arena.populate = 0;
		if (rc == 0) {
			copy_words(state, old, used);
			arena.used = used;
		}
		sys_munmap(old, reserved);
	} else {
		arena.fd = -1;
		rc = open_private();
	}
	if (rc < 0)
		return rc;
	state->file_size = state->file_backed = 0;
	for (int t = 0; t < TABLES; t++)
		if (arena.torn)
			mend_table(t);
	return 0;
}

void arena_child_clear(void *p, size_t n)
{
	uintptr_t at = (uintptr_t)p, end = at + n, lo = (at + 4095) & ~(uintptr_t)4095,
		  hi = end & ~(uintptr_t)4095;

	bool in_file =
	    state->file_size && at >= (uintptr_t)state &&
	    at < (uintptr_t)state + arena.reserved; /* its pages come back as they were */

	if (in_file || arena.sandboxed || hi <= lo + 4096 ||
	    sys_call(SYS_madvise, lo, hi - lo, MADV_DONTNEED, 0) < 0) {
		memset(p, 0, n);
		return;
	}
	memset(p, 0, lo - at);
	memset((void *)hi, 0, end - hi);
}

bool arena_torn(void)
{
	return arena.torn;
}

int arena_fd(void)
{
	return arena.fd;
}
void arena_sandboxed(void)
{
	arena.sandboxed = true;
}
bool arena_ours(void)
{
	return arena.ours && *(volatile unsigned *)arena.ours;
}
void arena_usage(size_t *shared, size_t *priv)
{
	*shared = arena.used;
	*priv = arena.priv_total;
}

void *arena_shared(size_t size)
{
	struct lock_guard g = lock_acquire(&arena.lock);
	size_t at = bump(size);

	lock_release(&g);
	return at ? (char *)state + at : NULL;
}

u32 *arena_heads_new(u32 *offset, u32 n)
{
	char *p = arena_shared(n * sizeof(u32));

	if (p)
		*offset = (u32)((p - (char *)state) / 64);
	return (u32 *)(void *)p;
}

static inline void place(const struct st_table *tb, u32 i, unsigned *k, u32 *base)
{
	*k = 31 - (unsigned)__builtin_clz((i >> __builtin_ctz(tb->first)) +
					  1); /* `first` is a power of two */
	*base = tb->first * ((1u << *k) - 1);
}

void *row_get(enum trace_table t, u32 i)
{
	struct st_table *tb = &state->table[t];
	unsigned k;
	u32 base;
	u64 at;

	if (i >= __atomic_load_n(&tb->used, __ATOMIC_ACQUIRE))
		return NULL;
	place(tb, i, &k, &base);
	at = __atomic_load_n(&tb->chunk[k], __ATOMIC_ACQUIRE);
	return at ? (char *)state + at + (u64)(i - base) * tb->size : NULL;
}

void rows_each(enum trace_table t, void (*fn)(u32 i, void *row))
{
	u32 n = state->table[t].used;

	for (u32 i = 1; i < n; i++) {
		u32 *row = row_get(t, i);

		if (row && row[0])
			fn(i, row);
	}
}

/* Kept for the hashes and for every table's first chunk: a family that fills the memory leaves room
 * for the few of the others. */
static size_t headroom(void)
{
	return arena.reserved / 4 < HEADROOM ? arena.reserved / 4 : HEADROOM;
}

/* Makes the chunk of row i exist. Called with the table's lock held. */
static bool chunk_ensure(struct st_table *tb, u32 i)
{
	struct lock_guard g;
	unsigned k;
	u32 base;
	size_t at, size;

	place(tb, i, &k, &base);
	if (k >= TABLE_CHUNKS)
		return false;
	if (tb->chunk[k])
		return true;
	size = (size_t)tb->size * ((size_t)tb->first << k);
	g = lock_acquire(&arena.lock);
	at = k && arena.used + size > arena.reserved - headroom() ? 0 : bump(size);
	lock_release(&g);
	if (!at)
		return false;
	__atomic_store_n(&tb->chunk[k], at, __ATOMIC_RELEASE);
	return true;
}

/* In a forked child's copy there may be what the parent wrote into rows that it handed out while
 * they were copied. */
static COLD void blank(const struct st_table *tb, u32 i)
{
	unsigned k;
	u32 base;

	place(tb, i, &k, &base);
	memset((char *)state + tb->chunk[k] + (u64)(i - base) * tb->size, 0, tb->size);
}

u32 row_new(enum trace_table t)
{
	struct st_table *tb = &state->table[t];
	struct lock_guard g = lock_acquire(&tb->lock);
	u32 *row = tb->free ? row_get(t, tb->free - 1) : NULL, i = UINT32_MAX;

	if (!row)
		tb->free = 0; /* the list went on into what a forked child has not */
	if (row) {
		i = tb->free - 1;
		tb->free = row[1];
		memset(row, 0, tb->size);
	} else if (tb->used < tb->max && chunk_ensure(tb, tb->used)) {
		i = tb->used;
		if (arena.torn)
			blank(tb, i);
		__atomic_store_n(&tb->used, i + 1, __ATOMIC_RELEASE);
	} else {
		tb->dropped++;
	}
	lock_release(&g);
	return i;
}

void row_free(enum trace_table t, u32 i)
{
	struct st_table *tb = &state->table[t];
	u32 *row = row_get(t, i);
	struct lock_guard g;

	if (!row || !i)
		return;
	g = lock_acquire(&tb->lock);
	row[0] = 0;
	row[1] = tb->free;
	tb->free = i + 1;
	lock_release(&g);
}

void *row_at(enum trace_table t, u32 i)
{
	struct st_table *tb = &state->table[t];
	void *row = row_get(t, i);
	struct lock_guard g;

	if (row || i >= tb->max)
		return row;
	g = lock_acquire(&tb->lock);
	if (chunk_ensure(tb, i)) {
		if (i >= tb->used)
			__atomic_store_n(&tb->used, i + 1, __ATOMIC_RELEASE);
		row = row_get(t, i);
	} else {
		tb->dropped++;
	}
	lock_release(&g);
	return row;
}

u32 row_run(enum trace_table t, u32 n)
{
	struct st_table *tb = &state->table[t];
	struct lock_guard g = lock_acquire(&tb->lock);
	u32 at = tb->used, base;
	unsigned k, k2;

	place(tb, at, &k, &base);
	place(tb, at + n - 1, &k2, &base);
	if (k2 != k)
		at = base; /* a run stays in one chunk */
	if (at + n <= tb->max && chunk_ensure(tb, at))
		__atomic_store_n(&tb->used, at + n, __ATOMIC_RELEASE);
	else
		tb->dropped++, at = UINT32_MAX;
	lock_release(&g);
	return at;
}

static unsigned size_class(size_t size)
{
	return size <= 64 ? 0 : 64 - 6 - (unsigned)__builtin_clzl(size - 1);
}

void *arena_private(size_t size)
{
	unsigned c = size_class(size);
	struct lock_guard g = lock_acquire(&arena.private_lock);
	void *p = NULL;

	size = (size_t)64 << c;
	if (c >= CLASSES)
		goto out;
	if (arena.free_private[c]) {
		p = arena.free_private[c];
		arena.free_private[c] = *(void **)p;
		memset(p, 0, size);
		goto out;
	}
	if (arena.priv_used + size > arena.priv_size) {
		size_t step = size > PRIVATE_STEP ? size : PRIVATE_STEP;
		void *m = map_anon(NULL, step, 0);

		if (sys_failed(m))
			goto out;
		sys_call(SYS_madvise, m, step, 18 /* MADV_WIPEONFORK */, 0);
		arena.priv = m;
		arena.priv_size = step;
		arena.priv_used = 0;
		arena.priv_total += step;
	}
	p = arena.priv + arena.priv_used;
	arena.priv_used += size;
out:
	lock_release(&g);
	return p;
}

void arena_private_free(void *p, size_t size)
{
	unsigned c = size_class(size);
	struct lock_guard g;

	if (!p || c >= CLASSES)
		return;
	g = lock_acquire(&arena.private_lock);
	*(void **)p = arena.free_private[c];
	arena.free_private[c] = p;
	lock_release(&g);
}
