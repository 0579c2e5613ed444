/* SPDX-License-Identifier: MIT */
/*
 * What the stack walker promises whatever the stack is: no fault, no frame it can't vouch for, its
 * limits, and how little stack it needs itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/modules.h"
#include "frames.h"

/* Code without unwind tables: f(NULL) with the frame pointer as given / with a frame of its own. */
void call_with_fp(callback *f, uintptr_t fp);
void call_with_frame(callback *f);
__asm__(".text\n.type call_with_fp, @function\ncall_with_fp:\n"
	"push %rbp\nmov %rsi, %rbp\nmov %rdi, %rax\nxor %edi, %edi\ncall *%rax\npop %rbp\nret\n"
	".size call_with_fp, . - call_with_fp\n"
	".type call_with_frame, @function\ncall_with_frame:\n"
	"push %rbp\nmov %rsp, %rbp\nmov %rdi, %rax\nxor %edi, %edi\ncall *%rax\npop %rbp\nret\n"
	".size call_with_frame, . - call_with_frame\n");

/* Its table says the frame pointer is in use, and it is not. */
void call_lying(callback *f, uintptr_t fp);
__asm__(".text\n.type call_lying, @function\ncall_lying:\n.cfi_startproc\n"
	"push %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n.cfi_def_cfa_register %rbp\n"
	"mov %rsi, %rbp\nmov %rdi, %rax\nxor %edi, %edi\ncall *%rax\npop %rbp\nret\n"
	".cfi_endproc\n.size call_lying, . - call_lying\n");

static bool kept_has(const void *function, size_t size)
{
	for (int i = 0; i < kept_n; i++)
		if (kept[i].pc - (uintptr_t)function < size)
			return true;
	return false;
}

static void believes_a_sound_frame_pointer(void **state)
{
	(void)state;
	call_with_frame(keep_stack);
	assert_true(kept_has(__builtin_extract_return_addr((void *)call_with_frame), 32));
	assert_true(kept_has(believes_a_sound_frame_pointer, 64));
	assert_in_range(kept_n, 5, 60);
}

static char *island, *island_end;
static int island_frames[7];

/* At the very end of what is readable, near enough to be believed otherwise. */
static void bad_frame_pointers_on_island(void)
{
	uintptr_t end = (uintptr_t)island_end;
	uintptr_t bad[] = {end, end - 4, end - 8, end - 12, end + 1024, end + 4096, end + 8192};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call_with_fp(keep_stack, bad[i]);
		island_frames[i] = kept_n;
	}
}

static void survives_unreadable_frames(void **state)
{
	(void)state;
	island = island_map(32 * 1024);
	island_end = island + 32 * 1024;
	coroutine_run(bad_frame_pointers_on_island, island, 32 * 1024);
	for (size_t i = 0; i < sizeof(island_frames) / sizeof(island_frames[0]); i++)
		assert_int_equal(island_frames[i], 2);
	munmap(island - 4096, 32 * 1024 + 8192);
}

static void survives_bad_frame_pointers(void **state)
{
	char *page = island_map(4096);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t bad[] = {0,
			   1,
			   8,
			   4095,
			   here + 1,
			   here - 65536,
			   (uintptr_t)page,
			   (uintptr_t)page + 4088,
			   (uintptr_t)page - 16,
			   ~0ul,
			   ~0ul - 7,
			   1ul << 47,
			   0xdeadbeefdeadbeef,
			   (uintptr_t)survives_bad_frame_pointers};
	struct unwind_stats before, after;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unwind_stats_read(&before);
		call_with_fp(keep_stack, bad[i]);
		unwind_stats_read(&after);
		assert_int_equal(kept_n, 2); /* keep_stack, call_with_fp */
		assert_int_equal(after.cut_short - before.cut_short, 1);
	}
	/* a frame on the stack whose return address points nowhere */
	uintptr_t frame[] = {here + 256, 0x1234567};
	call_with_fp(keep_stack, (uintptr_t)frame);
	assert_int_equal(kept_n, 2);
	munmap(page - 4096, 4096 + 8192);
}

static void survives_wrong_tables(void **state)
{
	char *page = island_map(4096);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t bad[] = {
	    0,	       8,	 here - 65536,	    here - 1024, (uintptr_t)page - 16,
	    1ul << 47, ~0ul - 7, 0xdeadbeefdeadbeef};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call_lying(keep_stack, bad[i]);
		assert_int_equal(kept_n, 2); /* keep_stack, call_lying */
	}
	munmap(page - 4096, 4096 + 8192);
}

/* ------------------------------------------------------------------ limits, bounds, cost in stack
 */

static void limits_hold(void **state)
{
	struct unwind_frame f[4] = {[2] = {42, 42}}, all[FRAMES_MAX];
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0) & ~15ul;
	int n;

	(void)state;
	assert_int_equal(unwind_stack(f, 0), 0);
	assert_int_equal(unwind_stack(f, -1), 0);
	assert_int_equal(unwind_stack(f, 2), 2);
	assert_int_equal(f[2].pc, 42);
	n = unwind_stack(all, FRAMES_MAX);
	/* given bounds, right, too narrow (then it probes), and of another stack */
	assert_int_equal(unwind_stack_in(all, FRAMES_MAX, sp - 16384, all[n - 1].slot + 8), n);
	assert_int_equal(unwind_stack_in(all, FRAMES_MAX, sp - 16384, sp + 64), n);
	assert_int_equal(unwind_stack_in(all, FRAMES_MAX, 4096, 8192), n);
}

#define PAINTED (64 * 1024)
static char *painted;
static size_t used_by_callback;

static size_t paint_used(void)
{
	size_t i = 0;

	while (i < PAINTED && painted[i] == 0x5a)
		i++;
	return PAINTED - i;
}

static void frames_nothing(void *unused)
{
	(void)unused;
	used_by_callback = PAINTED - ((char *)__builtin_frame_address(0) - painted);
	NOT_A_TAIL_CALL;
}

static void painted_baseline(void)
{
	recurse_aligned(5, frames_nothing);
}

static void painted_walk(void)
{
	recurse_aligned(5, keep_stack);
}

static void painted_run(void (*f)(void))
{
	memset(painted, 0x5a, PAINTED);
	coroutine_run(f, painted, PAINTED);
}

/* The first walk over these frames fills the cache: the dear way. */
static void walk_uses_little_stack(void **state)
{
	size_t cold, warm;

	(void)state;
	painted = island_map(PAINTED);
	painted_run(painted_baseline);
	painted_run(painted_walk);
	cold = paint_used() - used_by_callback;
	painted_run(painted_walk);
	warm = paint_used() - used_by_callback;
	print_message("stack of one walk: %zu bytes cold, %zu warm\n", cold, warm);
	assert_in_range(warm, 100, 16384);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SSP_STRONG__)
	assert_in_range(warm, 100, 640);
	assert_in_range(cold, warm, 1024);
#endif
	munmap(painted - 4096, PAINTED + 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walk_uses_little_stack), /* first: cold caches */
	    cmocka_unit_test(believes_a_sound_frame_pointer),
	    cmocka_unit_test(survives_unreadable_frames),
	    cmocka_unit_test(survives_bad_frame_pointers),
	    cmocka_unit_test(survives_wrong_tables),
	    cmocka_unit_test(limits_hold),
	};

	modules_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
