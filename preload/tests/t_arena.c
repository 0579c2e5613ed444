/* SPDX-License-Identifier: MIT */
/*
 * Rows and memory of the state: many threads at once, full tables, little memory, a file that can't
 * grow, and a fork in the middle of it all.
 */
#include "tests/core.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "state/edges.h"
#include "state/order.h"
#include "state/roles.h"
#include "state/sites.h"
#include "state/stacks.h"

enum { ROUNDS = 20000, MINE = 32, MARK = 0x5a };

static unsigned seed_of(int nth)
{
	return 12345u + 977u * (unsigned)nth;
}

/* No two threads ever have the same row; a new one is zero. */
static void rows_come_and_go(int nth)
{
	u32 have[MINE] = {0};
	unsigned seed = seed_of(nth);

	for (int i = 0; i < ROUNDS; i++) {
		unsigned k = (seed = seed * 1103515245 + 12345) >> 16;
		u32 *mine = &have[k % MINE];
		struct st_sync *s;

		if (*mine) {
			s = row_get(TABLE_sync, *mine);
			CHECK(s->thread == (u32)nth + 1);
			CHECK((s->addr) == (*mine));
			row_free(TABLE_sync, *mine);
			*mine = 0;
			continue;
		}
		*mine = row_new(TABLE_sync);
		CHECK((*mine) != (0));
		CHECK((*mine) != (UINT32_MAX));
		s = row_get(TABLE_sync, *mine);
		CHECK((s->serial | s->kind | s->thread) == (0));
		CHECK((s->addr | s->waits | s->next) == (0));
		s->thread = (u32)nth + 1;
		s->addr = *mine;
		__atomic_store_n(&s->serial, 1, __ATOMIC_RELEASE);
	}
	for (int k = 0; k < MINE; k++)
		if (have[k])
			row_free(TABLE_sync, have[k]);
}

static u32 free_rows(enum trace_table t)
{
	u32 n = 0;

	for (u32 i = state->table[t].free; i; n++)
		i = ((u32 *)row_get(t, i - 1))[1];
	return n;
}

static void test_rows_of_many_threads(void **s)
{
	(void)s;
	crew_run(4, rows_come_and_go);
	assert_true(state->table[TABLE_sync].used <= 1 + 4 * MINE);
	assert_int_equal(free_rows(TABLE_sync), state->table[TABLE_sync].used - 1);
	assert_int_equal(state->table[TABLE_sync].dropped, 0);
}

static void private_memory(int nth)
{
	unsigned char *have[MINE] = {0};
	size_t size[MINE];
	unsigned seed = seed_of(nth);

	for (int i = 0; i < ROUNDS; i++) {
		unsigned k = (seed = seed * 1103515245 + 12345) >> 16, at = k % MINE;

		if (have[at]) {
			for (size_t b = 0; b < size[at]; b += 64)
				CHECK((have[at][b]) == (MARK + nth));
			arena_private_free(have[at], size[at]);
			have[at] = NULL;
			continue;
		}
		size[at] = 1 + (k >> 5) % 3000;
		have[at] = arena_private(size[at]);
		CHECK(have[at]);
		CHECK(((uintptr_t)have[at] % 64) == (0));
		for (size_t b = 0; b < size[at]; b++) {
			CHECK((have[at][b]) == (0));
			have[at][b] = (unsigned char)(MARK + nth);
		}
	}
}

static void test_private_memory_of_many_threads(void **s)
{
	size_t shared, before, after;

	(void)s;
	crew_run(4, private_memory);
	arena_usage(&shared, &before);
	for (int i = 0; i < 10; i++)
		crew_run(4, private_memory); /* leaks up to MINE blocks a thread, on purpose */
	arena_usage(&shared, &after);
	assert_true(after - before <= 10 * 4 * MINE * 4096 + (1 << 20));
}

/* A run never crosses a chunk and never meets another run. */
static void test_runs(void **s)
{
	u32 last = 0;

	(void)s;
	for (u32 n = 1; n < 3000; n++) {
		u32 len = 1 + n % 64, at = row_run(TABLE_frame, len);
		struct st_frame *f = row_get(TABLE_frame, at);

		assert_int_not_equal(at, UINT32_MAX);
		assert_true(at >= last);
		last = at + len;
		for (u32 k = 0; k < len; k++) {
			assert_ptr_equal(&f[k], row_get(TABLE_frame, at + k));
			assert_int_equal(f[k].pc, 0);
			f[k].pc = 1;
		}
	}
}

static void test_numbered_rows(void **s)
{
	struct st_fd *f = row_at(TABLE_fd, 70000), *g;

	(void)s;
	assert_non_null(f);
	assert_ptr_equal(row_get(TABLE_fd, 70000), f);
	assert_null(row_get(TABLE_fd, 3)); /* its chunk was never asked for */
	g = row_at(TABLE_fd, 3);
	assert_non_null(g);
	assert_int_equal(g->gen, 0);
	assert_null(row_at(TABLE_fd, state->table[TABLE_fd].max));
}

/* ---- in processes of their own, which open a state of their own
 * ---------------------------------------------------------------------- */

static int status_of_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_DFL); /* cmocka would go on in the child */
		fn();
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}
static void in_child(void (*fn)(void))
{
	assert_int_equal(status_of_child(fn), 0);
}

/* Full: told by the results, counted, and what is there stays right. */
static void fill_up(void)
{
	u32 n = 0, i;

	while ((i = row_new(TABLE_sync)) != UINT32_MAX) {
		struct st_sync *s = row_get(TABLE_sync, i);

		s->serial = ++n;
		s->addr = i;
	}
	CHECK(n > 1000);
	CHECK(state->table[TABLE_sync].dropped == 1);
	for (u32 k = 1; k < state->table[TABLE_sync].used; k++)
		CHECK(((struct st_sync *)row_get(TABLE_sync, k))->addr == k);
	row_free(TABLE_sync, 7);
	CHECK(row_new(TABLE_sync) == 7);
	CHECK(sync_see(thread_self, 0x123450, SYNC_mutex, 0) == 0);
	CHECK(!sync_find(0x123450, SYNC_mutex));
}

static void little_memory(void)
{
	CHECK(arena_open(-1, 1 << 20) == 0);
	self = thread_new(NULL, 0, TF_MAIN);
	CHECK(self);
	thread_begin(self);
	fill_up();
}
static void test_little_memory(void **s)
{
	(void)s;
	in_child(little_memory);
}

static void small_address_space(void)
{
	struct rlimit r = {300u << 20, 300u << 20};
	void *p;

#ifdef __SANITIZE_ADDRESS__
	return; /* its shadow alone is larger */
#endif
	CHECK(setrlimit(RLIMIT_AS, &r) == 0);
	p = mmap(NULL, 100u << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	munmap(p, 100u << 20);
	CHECK(arena_open(-1, 64u << 20) == 0 && sink_open(-1, 64u << 20) == 0);
	/* The program's own needs fit as before. */
	p = mmap(NULL, 100u << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
}
static void test_small_address_space(void **s)
{
	(void)s;
	in_child(small_address_space);
}

static int temp_file(void)
{
	char name[] = "/tmp/t_arena-XXXXXX";
	int fd = mkstemp(name);

	CHECK(fd >= 0);
	unlink(name);
	return fd;
}

/* The file may not grow: no signal, memory goes on, and a reader of the file is told where it ends.
 */
static void file_limit(void)
{
	struct rlimit r = {256 << 10, 256 << 10};
	int fd = temp_file();
	off_t size;

	CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
	CHECK(arena_open(fd, 8 << 20) == 0);
	CHECK(state->file_backed);
	self = thread_new(NULL, 0, TF_MAIN);
	thread_begin(self);
	fill_up();
	size = lseek(fd, 0, SEEK_END);
	CHECK(!state->file_backed);
	CHECK(state->file_size <= (u64)size);
	CHECK(state->file_size >= 64 << 10 && state->file_size <= 256 << 10);
	CHECK(arena_fd() == fd);
}
static void test_file_limit(void **s)
{
	(void)s;
	in_child(file_limit);
}

/* The lines, too; and a move of what is in memory into a file that is too small for it. */
static void file_limit_of_lines(void)
{
	struct rlimit r = {64 << 10, 64 << 10};
	struct line l;
	u32 n = 0;

	CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
	CHECK(arena_open(-1, 8 << 20) == 0 && sink_open(temp_file(), 8 << 20) == 0);
	for (; line_begin(&l, "x", 0, 200); n++)
		line_end(&l);
	CHECK(n > 300 && n < (64 << 10) / 36); /* as long as they are, not as they might be */
	CHECK(state->lines_dropped == 1);
	r.rlim_cur = 4096;
	CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
	CHECK(sink_open(-1, 1 << 20) == 0);
	CHECK(sink_attach(temp_file()) == -EFBIG);
	CHECK(arena_attach(temp_file()) < 0);
	CHECK(!state->file_size && !state->file_backed && arena_fd() == -1);
	CHECK(line_begin(&l, "x", 0, 200));
	line_end(&l);
}
static void test_file_limit_of_lines(void **s)
{
	(void)s;
	in_child(file_limit_of_lines);
}

static void no_file(void)
{
	/* A descriptor that can't be written: memory, and no number is kept that the program may
	 * get. */
	int fd = open("/dev/null", O_RDONLY);

	CHECK(arena_open(fd, 1 << 20) == 0);
	CHECK(!state->file_backed && !state->file_size);
	CHECK(row_new(TABLE_sync) == 1);
}
static void test_no_file(void **s)
{
	(void)s;
	in_child(no_file);
}

/* ---- fork
 * --------------------------------------------------------------------------------------------------------------
 */

static int stop;
static pthread_barrier_t all_here;

static void everything_changes(void *arg)
{
	struct thread *t = thread_self;
	u64 base = 0x40000000 + (u64)(uintptr_t)arg * 0x1000000;
	struct sync_birth b = {.kind = SYNC_mutex};
	unsigned n = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		u64 x = base + (u64)(n++ % 500) * 64;
		u32 i, k;

		b.stack = 1 + n % 40;
		i = sync_born(t, x, &b);
		k = sync_see(t, base + 0x100000, SYNC_mutex, 0);
		if (i && k)
			edge_add(t, &(struct edge_new){
					.from = k,
					.to = i,
					.from_serial = edge_end_serial(k),
					.to_serial = edge_end_serial(i),
					.use = {.thread = t->serial, .stamp = order_stamp(t)}});
		if (n % 3)
			sync_died(t, x, SYNC_mutex);
		role_note(t, ROLE_SYNC, n % 300, 0, ROLE_SENDS);
		if (n % 5 == 0)
			thread_discard(thread_new(t, 0, 0));
	}
}

static void *changes(void *arg)
{
	struct thread *t = thread_new(NULL, 0, 0);

	thread_bind(t->row_index, t->serial, (u64)pthread_self());
	thread_begin(t);
	pthread_barrier_wait(&all_here);
	everything_changes(arg);
	thread_end(t);
	return NULL;
}

static void check_free(enum trace_table t)
{
	u32 n = 0;

	for (u32 i = state->table[t].free; i; n++) {
		u32 *row = row_get(t, i - 1);

		CHECK(row && row[0] == 0);
		CHECK(n < state->table[t].used);
		i = row[1];
	}
}

static u32 live_edges;
static void check_edge(u32 i, void *row)
{
	struct st_edge *e = row;

	live_edges++;
	CHECK(edge_find(e->from, e->to) == i);
	CHECK(((struct st_sync *)row_get(TABLE_sync, e->from_row))->serial == e->from);
}
static void check_sync(u32 i, void *row)
{
	struct st_sync *s = row;
	u32 out = 0;

	if (!s->died)
		CHECK(sync_find(s->addr, s->kind) &&
		      (s->kind != SYNC_mutex || sync_find(s->addr, s->kind) == i));
	for (u32 k = s->edges; k; k = edge_row(k)->out) {
		CHECK(edge_row(k) && edge_row(k)->from == s->serial);
		CHECK(++out < 100000);
	}
}

static void whole_in_child(void)
{
	CHECK(arena_fork() == 0);
	sites_fork_child();
	sync_fork_child();
	edges_fork_child();
	roles_fork_child();
	stacks_fork_child();
	self = thread_self = thread_fork_child((u64)pthread_self());
	CHECK(self);
	thread_begin(self);
	CHECK(arena_torn());
	for (int t = 0; t < TABLES; t++)
		if (t != TABLE_fd && t != TABLE_frame)
			check_free(t);
	rows_each(TABLE_sync, check_sync);
	rows_each(TABLE_edge, check_edge);
	CHECK(state->threads_live == 1);
	/* And all can go on. */
	stop = 0;
	for (int i = 0; i < 3; i++) {
		struct sync_birth b = {.kind = SYNC_mutex, .stack = 1};

		for (u64 x = 0; x < 2000; x++)
			CHECK(sync_born(self, 0x40000000 + x * 64, &b));
		for (u64 x = 0; x < 2000; x++)
			sync_died(self, 0x40000000 + x * 64, SYNC_mutex);
	}
	rows_each(TABLE_sync, check_sync);
}

static void forks(bool in_file)
{
	pthread_t th[3];

	CHECK(arena_open(in_file ? temp_file() : -1, 64u << 20) == 0);
	self = thread_new(NULL, 0, TF_MAIN);
	thread_bind(self->row_index, self->serial, (u64)pthread_self());
	thread_begin(self);
	stop = 0;
	pthread_barrier_init(&all_here, NULL, 4);
	for (uintptr_t i = 0; i < 3; i++)
		CHECK(pthread_create(&th[i], NULL, changes, (void *)i) == 0);
	pthread_barrier_wait(&all_here);
	for (int i = 0; i < 15; i++)
		CHECK(status_of_child(whole_in_child) == 0);
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(th[i], NULL);
}
static void forks_in_file(void)
{
	forks(true);
}
static void forks_in_memory(void)
{
	forks(false);
}

static void test_fork_while_a_file_changes(void **s)
{
	(void)s;
	in_child(forks_in_file);
}
static void test_fork_while_memory_changes(void **s)
{
	(void)s;
	in_child(forks_in_memory);
}

int main(void)
{
	/* First, while nothing has been opened in this process. */
	const struct CMUnitTest anew[] = {
	    cmocka_unit_test(test_little_memory),
	    cmocka_unit_test(test_small_address_space),
	    cmocka_unit_test(test_file_limit),
	    cmocka_unit_test(test_file_limit_of_lines),
	    cmocka_unit_test(test_no_file),
	    cmocka_unit_test(test_fork_while_a_file_changes),
	    cmocka_unit_test(test_fork_while_memory_changes),
	};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_of_many_threads),
	    cmocka_unit_test(test_private_memory_of_many_threads),
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_numbered_rows),
	};

	return cmocka_run_group_tests(anew, NULL, NULL) |
	       cmocka_run_group_tests(tests, core_up, NULL);
}
