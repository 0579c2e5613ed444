/* SPDX-License-Identifier: MIT */
/*
 * The descriptor table: generations, and the counts by which a loop that forgets to close is told
 * from sound programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "detect/bad_fd.h"
#include "detect/fd_exhaustion.h"
#include "state/fds.h"
#include "state/roles.h"
#include "state/sites.h"
#include "trace/sink.h"

static struct thread *self;

/* The core asks init.c for these; here there is none. */
struct thread *scope_enter_slow(void)
{
	return thread_self;
}

static int set_up(void **s)
{
	char err[128];

	(void)s;
	config_parse("max_memory=16", err, sizeof(err));
	if (arena_open(-1, 16u << 20) < 0)
		return -1;
	if (sink_open(memfd_create("lines", MFD_CLOEXEC), 1u << 20) < 0)
		return -1;
	state->nofile = 100;
	self = thread_new(NULL, 0, TF_MAIN);
	if (!self)
		return -1;
	thread_begin(self);
	return 0;
}

/* A number far from those that the test program itself has, born at a made-up stack. */
static struct st_fd *born(int fd, enum fd_kind kind, u32 stack)
{
	struct fd_birth b = {.kind = kind, .stack = stack, .peer = -1};

	return fd_born(self, fd, &b);
}

static void test_generations(void **s)
{
	struct st_fd *f = born(500, FDK_file, 7);

	(void)s;
	assert_int_equal(f->gen, 1);
	assert_true(fd_is_open(500));
	assert_int_equal(state->fds_open, 1);
	fd_died_at(self, 500, 8);
	assert_false(fd_is_open(500));
	assert_int_equal(f->closed_stack, 8);
	assert_int_equal(state->fds_open, 0);
	fd_died_at(self, 500, 9); /* a second death is none */
	assert_int_equal(f->closed_stack, 8);
	assert_int_equal(state->fds_open, 0);
	born(500, FDK_pipe, 17);
	assert_int_equal(f->gen, 2);
	assert_int_equal(f->prev_stack, 7);
	assert_int_equal(f->prev_closed_stack, 8);
	assert_int_equal(f->prev_closed_by, self->serial);
	born(500, FDK_pipe, 18); /* its close was not seen */
	assert_int_equal(f->gen, 3);
	assert_int_equal(f->prev_closed_stack, 0);
	assert_int_equal(state->fds_open, 1);
	fd_died_at(self, 500, 19);
	assert_int_equal(state->fds_peak, 1);
}

static struct st_site *site_of(int fd)
{
	return site_get(fd_get(fd)->site);
}

static void test_deferred_close(void **s)
{
	struct st_site *site;

	(void)s;
	for (int i = 0; i < 20; i++) {
		born(600 + i, FDK_file, 100);
		fd_used(self, 600 + i, ROLE_RECEIVES);
	}
	site = site_of(600);
	assert_int_equal(site->made, 20);
	assert_int_equal(site->used_late, 0);
	for (int i = 20; i-- > 0;)
		fd_died_at(self, 600 + i, 101);
	assert_int_equal(site->gone, 20);
	assert_int_equal(site->peak, 20);
	assert_int_equal(site->batch, 20);
	assert_int_equal(site->gone_newest, 1);
}

static void test_closed_in_its_round(void **s)
{
	struct st_site *site = NULL;

	(void)s;
	for (int i = 0; i < 20; i++) {
		site = site_get(born(600, FDK_file, 110)->site);
		fd_used(self, 600, ROLE_RECEIVES);
		fd_died_at(self, 600, 111);
	}
	assert_int_equal(site->gone_newest, 20);
	assert_int_equal(site->batch, 1);
	assert_int_equal(site->peak, 1);
}

/* A merge reads each again, a listener set is polled, when later ones have been opened: each counts
 * once, all but the last. */
static void test_used_late(void **s)
{
	(void)s;
	for (int i = 0; i < 10; i++)
		born(600 + i, FDK_file, 120);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 10; i++)
			fd_used(self, 600 + i, ROLE_RECEIVES);
	assert_int_equal(site_of(600)->used_late, 9);
	for (int i = 0; i < 10; i++)
		born(620 + i, FDK_socket, 121);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 10; i++)
			fd_polled(self, 620 + i);
	assert_int_equal(site_of(620)->used_late, 9);
	assert_true(fd_get(629)->flags & FF_POLLED);
	for (int i = 0; i < 10; i++) {
		fd_died_at(self, 600 + i, 122);
		fd_died_at(self, 620 + i, 122);
	}
}

static void test_roles_of_queues_only(void **s)
{
	u32 before = state->table[TABLE_role].used;

	(void)s;
	born(640, FDK_file, 130);
	fd_used(self, 640, ROLE_RECEIVES);
	assert_int_equal(state->table[TABLE_role].used, before);
	born(641, FDK_pipe, 131);
	fd_used(self, 641, ROLE_SENDS);
	fd_used(self, 641, ROLE_SENDS);
	assert_int_equal(state->table[TABLE_role].used - before, 1);
	assert_int_equal(fd_get(641)->writes, 2);
	assert_int_equal(fd_get(641)->sender, self->serial);
	fd_died_at(self, 640, 132);
	fd_died_at(self, 641, 132);
}

static void test_ranges(void **s)
{
	int null = open("/dev/null", O_RDONLY), at = fcntl(null, F_DUPFD, 700);

	(void)s;
	for (int i = 0; i < 5; i++)
		born(at + i, FDK_file, 140);
	fd_died_range(self, (u32)at, (u32)at + 3, 141);
	assert_false(fd_is_open(at));
	assert_false(fd_is_open(at + 3));
	assert_true(fd_is_open(at + 4));
	/* The call failed after all: what the kernel still has is open again. */
	fd_revive_range((u32)at, (u32)at + 3, 141);
	assert_true(fd_is_open(at));
	assert_false(fd_is_open(at + 1));
	fd_died_range(self, (u32)at, UINT32_MAX, 142);
	assert_false(fd_is_open(at + 4));
	close(at);
	close(null);
}

static void test_learned(void **s)
{
	int fds[2];

	(void)s;
	assert_int_equal(pipe(fds), 0);
	errno = 77;
	assert_non_null(fd_learn(self, fds[0], 0));
	assert_int_equal(errno, 77);
	assert_int_equal(fd_kind(fds[0]), FDK_pipe);
	assert_true(fd_get(fds[0])->flags & FF_LEARNED);
	assert_int_equal(fd_get(fds[0])->site, 0); /* where it was opened is not known */
	close(fds[0]);
	close(fds[1]);
	assert_null(fd_learn(self, fds[1], 0));
	fd_died_at(self, fds[0], 150);
}

static void test_exhausted(void **s)
{
	u32 n, raised = state->flags_raised;

	(void)s;
	for (u32 i = 1; i <= 3; i++) {
		assert_int_not_equal(fd_exhausted(self, FDK_socket, &n), 0);
		assert_int_equal(n, i);
	}
	fd_exhaustion_failed(self, FDK_file, ENOENT);
	fd_exhaustion_failed(self, FDK_inotify,
			     EMFILE); /* its own limit: few descriptors are open */
	assert_int_equal(state->flags_raised, raised);
}

static void dead(int fd, u32 stack)
{
	born(fd, FDK_file, stack);
	fd_died_at(self, fd, stack + 1);
}

/* Closes of what is not open: held back, dropped when they are a sweep. */
static void test_sweep(void **s)
{
	u32 lines = state->flags_raised;

	(void)s;
	dead(800, 160);
	dead(801, 160);
	for (int i = 0; i < 10; i++)
		bad_fd_closed(self, 800 + i, 1);
	assert_int_equal(self->bad_close.run, 10);
	bad_fd_settle(self);
	assert_int_equal(self->bad_close.run, 0);
	assert_int_equal(state->flags_raised, lines);
	dead(820, 162);
	bad_fd_closed(self, 820, 1);
	assert_int_equal(self->bad_close.n, 1);
	assert_int_equal(self->bad_close.pending[0].other_stack, 163);
	bad_fd_settle(self);
	assert_int_equal(state->flags_raised, lines + 1);
	bad_fd_closed(self, 820, 1); /* told once a generation */
	assert_int_equal(self->bad_close.n, 0);
	bad_fd_settle(self);
}

/* A sweep goes on over what is open; one that meets only what was closed before is none, nor are
 * neighbours closed from several places. */
static void test_sweep_or_not(void **s)
{
	u32 lines = state->flags_raised;

	(void)s;
	dead(830, 170);
	born(831, FDK_file, 170);
	for (int fd = 830; fd < 840; fd++) {
		if (!fd_is_open(fd)) {
			bad_fd_closed(self, fd, 1);
			continue;
		}
		bad_fd_closing(self, fd_get(fd), 0, 1);
		fd_died_at(self, fd, 172);
	}
	bad_fd_settle(self);
	assert_int_equal(state->flags_raised, lines);
	for (int fd = 840; fd < 843; fd++)
		dead(fd, 174);
	for (int fd = 840; fd < 843; fd++)
		bad_fd_closed(self, fd, 1);
	bad_fd_settle(self);
	assert_int_equal(state->flags_raised, lines + 2); /* two of the three are kept */
	dead(850, 176);
	bad_fd_closed(self, 850, 1);
	bad_fd_closed(self, 851, 2);
	bad_fd_closed(self, 852, 3);
	assert_int_equal(state->flags_raised, lines + 3);
	bad_fd_settle(self);
}

/* What close() failed to do with EINTR may be tried again. */
static void test_retry(void **s)
{
	u32 lines = state->flags_raised;

	(void)s;
	dead(860, 180);
	fd_close_failed(860);
	bad_fd_closed(self, 860, 1);
	bad_fd_settle(self);
	assert_int_equal(state->flags_raised, lines);
}

/* Another thread, as far as the rows are concerned. */
static struct thread other_thread(void)
{
	struct thread t = *self;

	t.serial = self->serial + 1000;
	memset(&t.bad_close, 0, sizeof(t.bad_close));
	return t;
}

static void born_by(struct thread *t, int fd, enum fd_kind kind, u32 stack)
{
	struct fd_birth b = {.kind = kind, .stack = stack, .peer = -1};

	fd_born(t, fd, &b);
}

/* A number closed twice, the second time when another thread had it: told when that one finds it
 * closed. Not for one who opened it or has used it. */
static void test_stolen(void **s)
{
	struct thread other = other_thread();
	u32 lines = state->flags_raised;

	(void)s;
	for (int used = 0; used < 2; used++) {
		int fd = 870 + used;

		dead(fd, 190);
		born_by(&other, fd, FDK_socket, 192);
		fd_used(&other, fd, 0);
		if (used)
			fd_used(self, fd, 0);
		bad_fd_closing(self, fd_get(fd), 0, 1);
		fd_died_at(self, fd, 193);
		assert_int_equal(!(fd_get(fd)->flags & FF_STOLEN), used);
		assert_int_equal(state->flags_raised, lines);
	}
	bad_fd_used(&other, 870);
	bad_fd_used(&other, 870);
	assert_int_equal(state->flags_raised, lines + 1);
	bad_fd_settle(self);
}

/* A stream whose descriptor was closed by number closes the next one of that number. */
static void test_stream(void **s)
{
	u32 lines = state->flags_raised;

	(void)s;
	for (int behind = 0; behind < 2; behind++) {
		int fd = 880 + behind;

		born(fd, FDK_file, 200);
		fd_flags(fd, FF_STREAM, 0);
		bad_fd_closing(self, fd_get(fd), behind ? 0 : FF_STREAM, 1);
		fd_died_at(self, fd, 201);
		born(fd, FDK_pipe, 202);
		bad_fd_closing(self, fd_get(fd), FF_STREAM, 2);
		fd_died_at(self, fd, 203);
		assert_int_equal(state->flags_raised, lines + (u32)behind);
	}
	bad_fd_settle(self);
}

/* A call by who had the number before, on what another uses now: only with the kernel's word, or
 * from the same place on another kind. */
static void test_stale(void **s)
{
	struct thread other = other_thread();
	u32 lines = state->flags_raised;

	(void)s;
	born(890, FDK_socket, 210);
	fd_used(self, 890, 0);
	fd_get(890)->used_pc = 77;
	fd_died_at(self, 890, 211);
	born_by(&other, 890, FDK_pipe, 212);
	fd_used(&other, 890, 0);
	bad_fd_mistaken(self, 890, ENOTSOCK);
	assert_int_equal(state->flags_raised, lines);
	fd_used(self, 890, 0);
	assert_int_equal(fd_get(890)->stranger, self->serial);
	bad_fd_strange(self, fd_get(890), 78);
	assert_int_equal(state->flags_raised, lines);
	bad_fd_strange(self, fd_get(890), 77);
	assert_int_equal(state->flags_raised, lines + 1);
	fd_died_at(self, 890, 213);

	born(891, FDK_socket, 214);
	fd_died_at(self, 891, 215);
	born_by(&other, 891, FDK_pipe, 216);
	fd_used(&other, 891, 0);
	fd_used(self, 891, 0);
	bad_fd_mistaken(self, 891, ENOTSOCK);
	assert_int_equal(state->flags_raised, lines + 2);
	fd_died_at(self, 891, 217);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_generations),
	    cmocka_unit_test(test_deferred_close),
	    cmocka_unit_test(test_closed_in_its_round),
	    cmocka_unit_test(test_used_late),
	    cmocka_unit_test(test_roles_of_queues_only),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_learned),
	    cmocka_unit_test(test_exhausted),
	    cmocka_unit_test(test_sweep),
	    cmocka_unit_test(test_sweep_or_not),
	    cmocka_unit_test(test_retry),
	    cmocka_unit_test(test_stolen),
	    cmocka_unit_test(test_stream),
	    cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
