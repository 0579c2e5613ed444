/* SPDX-License-Identifier: MIT */
/*
 * The stack walker against libunwind, on the shapes of stacks that programs have; its promises
 * about limits, bad stacks and its own use of the stack. `t_unwind --bench` prints times, asserts
 * nothing.
 */
#include <alloca.h>
#include <pthread.h>
#include <search.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/modules.h"
#include "oracle.h"
#include "plugin.h"

#define NOT_A_TAIL_CALL __asm__ volatile("" ::: "memory")
#define NOINLINE	__attribute__((noinline, noclone))

static void compare_and_return(void *unused)
{
	(void)unused;
	oracle_compare();
	NOT_A_TAIL_CALL;
}

/* ------------------------------------------------------------------ shapes of frames */

typedef void callback(void *);

#define RECURSION(name, options)                                                                   \
	NOINLINE __attribute__((optimize(options))) static int name(int depth, callback *f)        \
	{                                                                                          \
		int r = 1;                                                                         \
		if (depth)                                                                         \
			r += name(depth - 1, f);                                                   \
		else                                                                               \
			f(NULL);                                                                   \
		NOT_A_TAIL_CALL;                                                                   \
		return r;                                                                          \
	}
RECURSION(recurse_o0, "O0")
RECURSION(recurse_o2, "O2,omit-frame-pointer")
RECURSION(recurse_fp, "O2,no-omit-frame-pointer")

NOINLINE static int recurse_alloca(int depth, callback *f)
{
	volatile char *room = alloca(16 + depth * 24);

	room[0] = 1;
	if (depth)
		return recurse_alloca(depth - 1, f) + room[0];
	f(NULL);
	return room[0];
}

/* A stack realigned to 64 bytes: CFA and saved rbp are expressions. */
NOINLINE static int recurse_aligned(int depth, callback *f)
{
	volatile char room[64] __attribute__((aligned(64)));
	volatile char *more = alloca(depth + 8);

	room[0] = 1;
	more[0] = 1;
	if (depth)
		return recurse_aligned(depth - 1, f) + room[0] * more[0];
	f(NULL);
	return room[0];
}

/* rbp is saved, lost, and restored before the call: that it is "as in the CIE" again counts. */
int call_after_restore(callback *f);
__asm__(".text\n.type call_after_restore, @function\n"
	"call_after_restore:\n.cfi_startproc\n"
	"push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset %rbp, 0\n"
	"pop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore %rbp\n"
	"push $0x77\n.cfi_adjust_cfa_offset 8\n"
	"mov %rdi, %rax\nxor %edi, %edi\ncall *%rax\n"
	"pop %rcx\n.cfi_adjust_cfa_offset -8\nret\n.cfi_endproc\n"
	".size call_after_restore, . - call_after_restore\n");

static void restore_and_compare(void *unused)
{
	(void)unused;
	call_after_restore(compare_and_return);
	NOT_A_TAIL_CALL;
}

static int recurse_mixed(int depth, callback *f)
{
	return recurse_o0(depth, f) + recurse_alloca(depth, f) + recurse_aligned(depth, f);
}

static void walks_through_frames(void **state)
{
	(void)state;
	recurse_o0(100, compare_and_return);
	assert_tally(1, 100);
	recurse_o2(100, compare_and_return);
	assert_tally(1, 100);
	recurse_fp(100, compare_and_return);
	assert_tally(1, 100);
	recurse_alloca(100, compare_and_return);
	assert_tally(1, 100);
	recurse_aligned(100, compare_and_return);
	assert_tally(1, 100);
	recurse_fp(100, restore_and_compare);
	assert_tally(1, 102);
	for (int i = 0; i < 20; i++)
		recurse_mixed(i, compare_and_return);
	assert_tally(60, 20);
}

/* ------------------------------------------------------------------ callbacks of libc */

static int by_value(const void *a, const void *b)
{
	oracle_compare();
	return *(const int *)a - *(const int *)b;
}

static void on_node(const void *node, VISIT visit, int level)
{
	(void)node, (void)visit, (void)level;
	oracle_compare();
}

static void once_routine(void)
{
	oracle_compare();
	NOT_A_TAIL_CALL;
}

static void walks_through_libc(void **state)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int values[] = {5, 3, 9, 1, 7, 2}, key = 7;
	void *root = NULL;

	(void)state;
	qsort(values, 6, sizeof(int), by_value);
	assert_int_equal(values[5], 9);
	assert_non_null(bsearch(&key, values, 6, sizeof(int), by_value));
	for (int i = 0; i < 6; i++)
		tsearch(&values[i], &root, by_value);
	twalk(root, on_node);
	for (int i = 0; i < 6; i++)
		tdelete(&values[i], &root, by_value);
	pthread_once(&once, once_routine);
	assert_tally(20, 8);
}

/* ------------------------------------------------------------------ signals */

static sigjmp_buf after_fault;

static void on_signal(int sig)
{
	oracle_compare();
	if (sig == SIGSEGV)
		siglongjmp(after_fault, 1);
}

static void handler_set(int sig, int flags)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = flags};

	assert_int_equal(sigaction(sig, &sa, NULL), 0);
}

static void raise_it(void *unused)
{
	(void)unused;
	raise(SIGUSR1);
}

/* Faults at its first instruction: pc - 1 would be in another function. */
void fault_at_once(void *);
__asm__(".text\n.p2align 4\n.type fault_at_once, @function\n"
	"fault_at_once:\n.cfi_startproc\nmovl $1, 0\nret\n.cfi_endproc\n"
	".size fault_at_once, . - fault_at_once\n");

static void fault(void *unused)
{
	fault_at_once(unused);
	NOT_A_TAIL_CALL;
}

static void signals_walked(int flags)
{
	handler_set(SIGUSR1, flags);
	handler_set(SIGSEGV, flags);
	recurse_o2(10, raise_it);
	assert_tally(1, 15);
	recurse_aligned(10, raise_it);
	assert_tally(1, 15);
	if (sigsetjmp(after_fault, 1) == 0)
		recurse_o2(10, fault);
	assert_tally(1, 14);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
}

static void walks_out_of_handlers(void **state)
{
	(void)state;
	signals_walked(0);
}

static void walks_from_alternate_stack(void **state)
{
	size_t size = 64 * 1024;
	stack_t alt = {
	    .ss_sp = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	    .ss_size = size};

	(void)state;
	assert_int_equal(sigaltstack(&alt, NULL), 0);
	signals_walked(SA_ONSTACK);
	alt.ss_flags = SS_DISABLE;
	assert_int_equal(sigaltstack(&alt, NULL), 0);
	munmap(alt.ss_sp, size);
}

/* ------------------------------------------------------------------ beginnings of stacks */

static void *thread_main(void *arg)
{
	struct unwind_stats before, after;

	unwind_stats_read(&before);
	recurse_o2(5, compare_and_return);
	unwind_stats_read(&after);
	*(uint64_t *)arg = after.cut_short - before.cut_short;
	return NULL;
}

static void ends_at_a_threads_start(void **state)
{
	uint64_t cut = 77;
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, thread_main, &cut), 0);
	pthread_join(t, NULL);
	assert_int_equal(cut, 0);
	assert_tally(1, 10); /* 6 + thread_main, start_thread, clone */
}

static ucontext_t main_context, coroutine_context;

static void coroutine_main(void)
{
	recurse_o2(20, compare_and_return);
	recurse_aligned(20, compare_and_return);
}

/* A stack nobody knows the bounds of, with nothing readable on either side. */
static char *island_map(size_t size)
{
	char *p = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(mprotect(p + 4096, size, PROT_READ | PROT_WRITE), 0);
	return p + 4096;
}

static void coroutine_run(void (*f)(void), char *stack, size_t size)
{
	getcontext(&coroutine_context);
	coroutine_context.uc_stack.ss_sp = stack;
	coroutine_context.uc_stack.ss_size = size;
	coroutine_context.uc_link = &main_context;
	makecontext(&coroutine_context, f, 0);
	swapcontext(&main_context, &coroutine_context);
}

static void walks_coroutines(void **state)
{
	char *stack = island_map(256 * 1024);

	(void)state;
	coroutine_run(coroutine_main, stack, 256 * 1024);
	assert_tally(2, 22);
	munmap(stack - 4096, 256 * 1024 + 8192);
}

/* ------------------------------------------------------------------ bad stacks */

static struct unwind_frame kept[ORACLE_MAX];
static int kept_n;

static void keep_stack(void *unused)
{
	(void)unused;
	kept_n = unwind_stack(kept, ORACLE_MAX);
	NOT_A_TAIL_CALL;
}

/* Code without unwind tables: f(NULL) with the frame pointer as given / with a frame of its own. */
void call_with_fp(callback *f, uintptr_t fp);
void call_with_frame(callback *f);
__asm__(".text\n.type call_with_fp, @function\ncall_with_fp:\n"
	"push %rbp\nmov %rsi, %rbp\nmov %rdi, %rax\nxor %edi, %edi\ncall *%rax\npop %rbp\nret\n"
	".size call_with_fp, . - call_with_fp\n"
	".type call_with_frame, @function\ncall_with_frame:\n"
	"push %rbp\nmov %rsp, %rbp\nmov %rdi, %rax\nxor %edi, %edi\ncall *%rax\npop %rbp\nret\n"
	".size call_with_frame, . - call_with_frame\n");

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

/* ------------------------------------------------------------------ limits, bounds, cost in stack
 */

static void limits_hold(void **state)
{
	struct unwind_frame f[4] = {[2] = {42, 42}}, all[ORACLE_MAX];
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0) & ~15ul;
	int n;

	(void)state;
	assert_int_equal(unwind_stack(f, 0), 0);
	assert_int_equal(unwind_stack(f, -1), 0);
	assert_int_equal(unwind_stack(f, 2), 2);
	assert_int_equal(f[2].pc, 42);
	n = unwind_stack(all, ORACLE_MAX);
	/* given bounds, right, too narrow (then it probes), and of another stack */
	assert_int_equal(unwind_stack_in(all, ORACLE_MAX, sp - 16384, all[n - 1].slot + 8), n);
	assert_int_equal(unwind_stack_in(all, ORACLE_MAX, sp - 16384, sp + 64), n);
	assert_int_equal(unwind_stack_in(all, ORACLE_MAX, 4096, 8192), n);
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

/* ------------------------------------------------------------------ bench */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* The least of many batches: what the code costs when nothing disturbs it. */
static double best_of(bool bounds)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	uintptr_t lo = bounds ? sp - 16384 : 0, hi = bounds ? sp + 8192 : 0;
	double best = 1e9;

	for (int batch = 0; batch < 300; batch++) {
		double t = now_ns();

		for (int i = 0; i < 1000; i++)
			kept_n = unwind_stack_in(kept, ORACLE_MAX, lo, hi);
		t = (now_ns() - t) / 1000;
		best = t < best ? t : best;
	}
	return best;
}

static double bench_ns[2];

static void bench_leaf(void *unused)
{
	(void)unused;
	bench_ns[0] = best_of(true);
	bench_ns[1] = best_of(false);
}

static double bench_add_chain(void)
{
	double best = 1e9;

	for (int batch = 0; batch < 300; batch++) {
		double t = now_ns();

		for (int i = 0; i < 1000; i++)
			__asm__ volatile("add $1, %%rax\n add $1, %%rax\n add $1, %%rax\n"
					 "add $1, %%rax\n" ::
					     : "rax");
		t = (now_ns() - t) / 4000;
		best = t < best ? t : best;
	}
	return best;
}

/* A walk when every frame misses: after each dlclose the cache starts anew. */
static double miss_ns;

static void bench_misses(void *unused)
{
	char so[128];
	struct unwind_stats before, after;

	(void)unused;
	miss_ns = 0;
	if (plugin_build(so, "empty", "cc", "int nothing;\n") != 0)
		return;
	miss_ns = 1e9;
	for (int i = 0; i < 50; i++) {
		void *h = dlopen(so, RTLD_NOW);
		double t;

		modules_refresh();
		dlclose(h);
		modules_refresh();
		unwind_stats_read(&before);
		t = now_ns();
		kept_n = unwind_stack(kept, ORACLE_MAX);
		t = now_ns() - t;
		unwind_stats_read(&after);
		t /= after.misses - before.misses;
		miss_ns = t < miss_ns ? t : miss_ns;
	}
	plugins_remove();
}

static int bench(void)
{
	double few, cycle = bench_add_chain(), first;
	struct unwind_stats before, after;
	int few_n;

	recurse_o0(0, bench_misses);
	printf("a miss %.0f ns\n", miss_ns);
	unwind_stats_read(&before);
	first = now_ns();
	recurse_mixed(5, keep_stack);
	first = now_ns() - first;
	unwind_stats_read(&after);
	printf("first walks, 3 of %d frames: %.0f ns, %lu misses\n", kept_n, first,
	       after.misses - before.misses);
	recurse_o2(0, bench_leaf);
	few = bench_ns[0];
	few_n = kept_n;
	printf("one cycle %.2f ns\n", cycle);
	printf("%2d frames %6.1f ns (bounds given) %6.1f (probed)\n", kept_n, few, bench_ns[1]);
	recurse_o2(15, bench_leaf);
	printf("%2d frames %6.1f ns (bounds given) %6.1f (probed)\n", kept_n, bench_ns[0],
	       bench_ns[1]);
	printf("per frame %.2f ns, %.1f cycles; fixed %.1f ns\n",
	       (bench_ns[0] - few) / (kept_n - few_n),
	       (bench_ns[0] - few) / (kept_n - few_n) / cycle,
	       few - few_n * (bench_ns[0] - few) / (kept_n - few_n));
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walk_uses_little_stack), /* first: cold caches */
	    cmocka_unit_test(walks_through_frames),
	    cmocka_unit_test(walks_through_libc),
	    cmocka_unit_test(walks_out_of_handlers),
	    cmocka_unit_test(walks_from_alternate_stack),
	    cmocka_unit_test(ends_at_a_threads_start),
	    cmocka_unit_test(walks_coroutines),
	    cmocka_unit_test(believes_a_sound_frame_pointer),
	    cmocka_unit_test(survives_bad_frame_pointers),
	    cmocka_unit_test(limits_hold),
	};

	modules_init();
	if (argc > 1 && !strcmp(argv[1], "--bench"))
		return bench();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
