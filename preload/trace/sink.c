/* SPDX-License-Identifier: MIT */
/*
 * Owns: the lines file. Doesn't: know events. Lock: sink.lock, innermost beside arena.lock; never
 * both.
 */
#include "trace/sink.h"

#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/ourfds.h"
#include "state/arena.h"

enum { FIRST_PIECE = 16 * 1024, PIECE = 128 * 1024, LAST_WORDS = 4096 };

static struct {
	unsigned lock;
	int fd;
	bool sandboxed, last_words;
	char *base;
	size_t reserved, mapped, pos; /* pos ≤ mapped ≤ reserved */
	u64 order;
} APART sink = {.fd = -1};

static int piece_in_file(size_t from, size_t n)
{
	struct rlimit fsize = {RLIM_INFINITY, RLIM_INFINITY};
	static char fill[1024]; /* only ever newlines: small stacks */
	int rc;

	if (sink.fd < 0 || sink.sandboxed)
		return -EBADF;
	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &fsize);
	if (from + n > fsize.rlim_cur)
		return -EFBIG;
	if (sys_call(SYS_lseek, sink.fd, from, 0, 0) < 0)
		return -EIO;
	memset(fill, '\n', sizeof(fill));
	for (size_t i = 0; i < n; i += sizeof(fill))
		if ((rc = sys_write_all(sink.fd, fill, sizeof(fill))) < 0)
			return rc;
	return 0;
}

/* Called with the lock held, or before there are threads. */
static bool piece_next(void)
{
	size_t n = sink.mapped ? PIECE : FIRST_PIECE;
	void *p;

	if (n > sink.reserved - sink.mapped)
		n = (sink.reserved - sink.mapped) & ~(size_t)(LAST_WORDS - 1);
	if (!n)
		return false;
	if (sink.fd < 0) {
		p = sys_mmap(sink.base + sink.mapped, n, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	} else {
		if (piece_in_file(sink.mapped, n) < 0)
			return false;
		p = sys_mmap(sink.base + sink.mapped, n, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, sink.fd, sink.mapped);
	}
	if (sys_failed(p))
		return false;
	if (sink.fd < 0)
		memset(p, '\n', n);
	__atomic_store_n(&sink.mapped, sink.mapped + n, __ATOMIC_RELEASE);
	return true;
}

int sink_open(int fd, size_t max_bytes)
{
	struct rlimit as = {RLIM_INFINITY,
			    RLIM_INFINITY}; /* reserved space counts: at most a sixteenth is ours */
	void *p;

	if (sink.base)
		sys_munmap(sink.base, sink.reserved);
	sink.lock = 0;
	sink.fd = fd;
	ourfds_register(1, &sink.fd);
	sink.base = NULL;
	sink.mapped = sink.pos = sink.order = 0;
	sys_call(SYS_prlimit64, 0, RLIMIT_AS, 0, &as);
	if (max_bytes > as.rlim_cur / 16)
		max_bytes = as.rlim_cur / 16 & ~(size_t)(FIRST_PIECE - 1);
	sink.reserved = max_bytes < FIRST_PIECE ? FIRST_PIECE : max_bytes;
	sink.last_words = false;
	p = sys_mmap(NULL, sink.reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (sys_failed(p))
		return -ENOMEM;
	sink.base = p;
	return piece_next() ? 0 : -ENOSPC;
}

int sink_attach(int fd)
{
	struct rlimit fsize = {RLIM_INFINITY, RLIM_INFINITY};
	void *p;
	int rc;

	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &fsize);
	rc = sink.mapped > fsize.rlim_cur ? -EFBIG : sys_write_all(fd, sink.base, sink.mapped);
	if (rc == 0) {
		p = sys_mmap(sink.base, sink.mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			     fd, 0);
		rc = sys_failed(p) ? -ENOMEM : 0;
	}
	if (rc == 0)
		sink.fd = fd;
	return rc;
}

int sink_fd(void)
{
	return sink.fd;
}
void sink_sandboxed(void)
{
	sink.sandboxed = true;
}

void sink_last_words(void)
{
	sink.last_words = true;
}

static char *reserve(size_t room)
{
	size_t at = __atomic_load_n(&sink.pos, __ATOMIC_RELAXED),
	       limit = sink.reserved - (sink.last_words ? 0 : LAST_WORDS);

	if (!sink.base)
		return NULL;
	do {
		while (at + room > __atomic_load_n(&sink.mapped, __ATOMIC_ACQUIRE)) {
			struct lock_guard g;
			bool ok;

			if (at + room > limit)
				return NULL;
			g = lock_acquire(&sink.lock);
			ok = at + room <= sink.mapped || piece_next();
			lock_release(&g);
			if (!ok)
				return NULL;
		}
		if (at + room > limit)
			return NULL;
	} while (!__atomic_compare_exchange_n(&sink.pos, &at, at + room, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return sink.base + at;
}

static void put(struct line *l, const char *s, size_t n)
{
	if (l->overflow || l->pos + n > l->end) {
		l->overflow = true;
		return;
	}
	memcpy(l->pos, s, n);
	l->pos += n;
}
static void put_char(struct line *l, char c)
{
	put(l, &c, 1);
}
static void put_int(struct line *l, u64 v)
{
	char buf[20];
	int i = sizeof(buf);

	do
		buf[--i] = (char)('0' + v % 10);
	while (v /= 10);
	put(l, buf + i, sizeof(buf) - (size_t)i);
}

static void comma(struct line *l)
{
	if (!l->first)
		put_char(l, ',');
	l->first = false;
}
static void put_key(struct line *l, const char *key)
{
	comma(l);
	if (!key)
		return;
	put_char(l, '"');
	put(l, key, strlen(key));
	put(l, "\":", 2);
}

/* Length of the UTF-8 sequence at s, 0 if it is none. */
static size_t utf8(const unsigned char *s)
{
	size_t n = s[0] < 0x80			 ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void put_escaped(struct line *l, const char *v)
{
	static const char hex[] = "0123456789abcdef";

	put_char(l, '"');
	while (*v) {
		unsigned char c = (unsigned char)*v;
		size_t n = utf8((const unsigned char *)v);

		if (c < 0x20) {
			char esc[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

			put(l, esc, sizeof(esc));
		} else if (c == '"' || c == '\\') {
			put_char(l, '\\');
			put_char(l, (char)c);
		} else {
			put(l, n ? v : "?", n ? n : 1);
		}
		v += n ? n : 1;
	}
	put_char(l, '"');
}

bool line_begin(struct line *l, const char *event, u32 thread, size_t room)
{
	l->at = reserve(room);
	if (!l->at) {
		if (state)
			__atomic_fetch_add(&state->lines_dropped, 1, __ATOMIC_RELAXED);
		return false;
	}
	l->pos = l->at + 1; /* '{' comes last */
	l->end = l->at + room - 2;
	l->first = true;
	l->overflow = false;
	line_str(l, "ev", event);
	line_int(l, "n", __atomic_add_fetch(&sink.order, 1, __ATOMIC_RELAXED));
	line_int(l, "th", thread);
	line_int(l, "t", clock_now());
	return true;
}

/* What a line did not need, the next one may have: if none has been reserved behind it (then the
 * end moves on for ever, and never comes back to where this one's was). It still is newlines. */
static void give_back(const struct line *l)
{
	size_t end = (size_t)(l->end + 2 - sink.base);

	__atomic_compare_exchange_n(&sink.pos, &end, (size_t)(l->pos + 1 - sink.base), false,
				    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void line_end(struct line *l)
{
	if (l->overflow) {
		memset(l->at + 1, '\n', (size_t)(l->end - l->at - 1));
		__atomic_fetch_add(&state->lines_dropped, 1, __ATOMIC_RELAXED);
		return;
	}
	*l->pos++ = '}';
	*l->pos = '\n';
	__atomic_store_n(l->at, '{', __ATOMIC_RELEASE);
	give_back(l);
	__atomic_fetch_add(&state->lines, 1, __ATOMIC_RELAXED);
}

void line_int(struct line *l, const char *key, u64 v)
{
	put_key(l, key);
	put_int(l, v);
}
void line_signed(struct line *l, const char *key, int64_t v)
{
	put_key(l, key);
	if (v < 0)
		put_char(l, '-');
	put_int(l, v < 0 ? (u64)-v : (u64)v);
}
void line_str(struct line *l, const char *key, const char *v)
{
	put_key(l, key);
	if (v)
		put_escaped(l, v);
	else
		put(l, "null", 4);
}
void line_hex(struct line *l, const char *key, const unsigned char *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	put_key(l, key);
	put_char(l, '"');
	for (size_t i = 0; i < n; i++) {
		put_char(l, hex[p[i] >> 4]);
		put_char(l, hex[p[i] & 15]);
	}
	put_char(l, '"');
}
void line_open(struct line *l, const char *key, char bracket)
{
	put_key(l, key);
	put_char(l, bracket);
	l->first = true;
}
void line_close(struct line *l, char bracket)
{
	put_char(l, bracket);
	l->first = false;
}
void line_value(struct line *l, u64 v)
{
	comma(l);
	put_int(l, v);
}
