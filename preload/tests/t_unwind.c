/* SPDX-License-Identifier: MIT */
/*
 * The stack walker against libunwind, on the shapes of stacks that programs have.
 * `t_unwind --bench` prints times, asserts nothing.
 */
#include <pthread.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/modules.h"
#include "frames.h"
#include "oracle.h"
#include "plugin.h"

static void compare_and_return(void *unused)
{
	(void)unused;
	oracle_compare();
	NOT_A_TAIL_CALL;
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

static void coroutine_main(void)
{
	recurse_o2(20, compare_and_return);
	recurse_aligned(20, compare_and_return);
}

static void walks_coroutines(void **state)
{
	char *stack = island_map(256 * 1024);

	(void)state;
	coroutine_run(coroutine_main, stack, 256 * 1024);
	assert_tally(2, 22);
	munmap(stack - 4096, 256 * 1024 + 8192);
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
			kept_n = unwind_stack_in(kept, FRAMES_MAX, lo, hi);
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
		kept_n = unwind_stack(kept, FRAMES_MAX);
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
	    cmocka_unit_test(walks_through_frames),    cmocka_unit_test(walks_through_libc),
	    cmocka_unit_test(walks_out_of_handlers),   cmocka_unit_test(walks_from_alternate_stack),
	    cmocka_unit_test(ends_at_a_threads_start), cmocka_unit_test(walks_coroutines),
	};

	modules_init();
	if (argc > 1 && !strcmp(argv[1], "--bench"))
		return bench();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
