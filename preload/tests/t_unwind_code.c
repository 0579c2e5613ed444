/* SPDX-License-Identifier: MIT */
/*
 * The stack walker against libunwind, on code: at every single instruction of library calls, in
 * shared objects that are loaded and unloaded, through C++ exceptions, through lazy binding, and in
 * the shape it ships in (inside a shared object whose own frames are left out).
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

#include "base/modules.h"
#include "oracle.h"
#include "plugin.h"

#define NOT_A_TAIL_CALL __asm__ volatile("" ::: "memory")

typedef int callback(void);

static int compare_callback(void)
{
	oracle_compare();
	return 0;
}

static int nothing_callback(void)
{
	return 0;
}

/* ------------------------------------------------------------------ at every instruction */

static volatile int steps_left;

static void on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig, (void)info;
	oracle_compare();
	if (--steps_left <= 0)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100l;
}

/* Beside the red zone. */
#define TRAP_FLAG(operation)                                                                       \
	__asm__ volatile("sub $128, %%rsp; pushfq; " operation ", (%%rsp); popfq; add $128, %%rsp" \
			 :                                                                         \
			 :                                                                         \
			 : "cc", "memory")

/* Runs f(arg) with the processor's trap flag set: a signal after each instruction. */
static __attribute__((noinline)) void single_step(int (*f)(void *), void *arg, int most)
{
	struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

	steps_left = most;
	assert_int_equal(sigaction(SIGTRAP, &sa, NULL), 0);
	TRAP_FLAG("orq $0x100");
	f(arg);
	TRAP_FLAG("andq $~0x100");
	signal(SIGTRAP, SIG_DFL);
}

/*
 * Where tables are wrong or missing at single instructions (some in hand-written assembler), both
 * guess, and may guess differently: 99.5 % of all frames must be the same.
 */
static void stepped(const char *what, int walks_min)
{
	print_message("%s: %d instructions, %d of %d frames the same\n", what, tally.walks,
		      tally.same, tally.frames);
	if (tally.same != tally.frames)
		print_message("ours, libunwind:\n%s", tally.first_difference);
	assert_in_range(tally.walks, walks_min, 1 << 30);
	assert_in_range(tally.frames, walks_min * 6, 1 << 30);
	assert_true(tally.same * 1000ll >= tally.frames * 995ll);
	assert_int_equal(tally.bad_slots, 0);
	tally_reset();
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int do_qsort(void *unused)
{
	int v[] = {4, 2, 7, 1};

	(void)unused;
	qsort(v, 4, sizeof(int), compare_ints);
	return v[0];
}

static int do_snprintf(void *unused)
{
	char buf[64];

	(void)unused;
	return snprintf(buf, sizeof(buf), "%d %s %.2f", 17, "seventeen", 1.5);
}

static int do_clock(void *unused)
{
	struct timespec t;

	(void)unused;
	return clock_gettime(CLOCK_MONOTONIC, &t);
}

static int do_malloc(void *unused)
{
	void *p[3] = {malloc(10), malloc(5000), calloc(3, 100)};

	(void)unused;
	free(p[1]);
	free(p[0]);
	free(p[2]);
	return 0;
}

static int do_aligned(void *f)
{
	volatile char room[64] __attribute__((aligned(64)));

	room[0] = ((callback *)f)();
	return room[0];
}

static void agrees_at_every_instruction(void **state)
{
	(void)state;
	single_step(do_qsort, NULL, 3000);
	stepped("qsort", 200);
	single_step(do_snprintf, NULL, 8000);
	stepped("snprintf", 1000);
	single_step(do_clock, NULL, 500);
	stepped("clock_gettime", 20);
	single_step(do_malloc, NULL, 4000);
	stepped("malloc", 200);
	single_step(do_aligned, nothing_callback, 100);
	stepped("realigned stack", 10);
}

/* ------------------------------------------------------------------ in shared objects */

static void *symbol(void *handle, const char *name)
{
	void *p = dlsym(handle, name);

	assert_non_null(p);
	return p;
}

static const char lazy_source[] = "#include <stdlib.h>\n"
				  "int call(int (*f)(void)) { int r = f(); return r + 1; }\n"
				  "int first_use(void *s) { return strtol(s, 0, 10) + 1; }\n";

static void walks_through_lazy_binding(void **state)
{
	char so[128];
	void *h;

	(void)state;
	if (plugin_build(so, "lazy", "cc -O1 -Wl,-z,lazy -fplt", lazy_source) != 0)
		skip();
	h = dlopen(so, RTLD_LAZY);
	assert_non_null(h);
	assert_int_equal(((int (*)(callback *))symbol(h, "call"))(compare_callback), 1);
	assert_tally(1, 8);
	single_step(symbol(h, "first_use"), "17", 6000);
	stepped("PLT, lazy binding, strtol", 500);
	dlclose(h);
	modules_refresh();
}

/* Segments 2 MiB apart, the unwind tables not in that of the code: the loader knows such a module
 * in pieces. */
static void walks_through_modules_with_holes(void **state)
{
	char so[128];
	uintptr_t call;
	void *h;

	(void)state;
	if (plugin_build(so, "holes", "cc -O1 -Wl,-z,max-page-size=0x200000,-z,separate-code",
			 lazy_source) != 0)
		skip();
	h = dlopen(so, RTLD_LAZY);
	assert_non_null(h);
	call = (uintptr_t)symbol(h, "call");
	assert_int_equal(((int (*)(callback *))call)(compare_callback), 1);
	assert_tally(1, 8);
	assert_non_null(module_find(call));
	assert_string_equal(module_find(call)->path, so);
	assert_in_range(module_find(call)->end - module_find(call)->start, 2 << 20, 16 << 20);
	modules_refresh();
	assert_true(module_is_loaded(module_find(call)));
	dlclose(h);
	modules_refresh();
	assert_false(module_is_loaded(module_find(call)));
}

static const char exceptions_source[] =
    "typedef int callback(void);\n"
    "struct guard { callback *f; ~guard() { f(); } };\n"
    "__attribute__((noinline)) static int deep(callback *f, int n)\n"
    "{ guard g = { f }; if (n == 0) throw 42; int r = deep(f, n - 1); return r + 1; }\n"
    "extern \"C\" int run(callback *f)\n"
    "{ try { return deep(f, 5); } catch (int v) { f(); return v; } }\n";

static void walks_during_exceptions(void **state)
{
	char so[128];
	void *h;

	(void)state;
	if (plugin_build(so, "throws", "g++ -O2", exceptions_source) != 0)
		skip();
	h = dlopen(so, RTLD_NOW);
	assert_non_null(h);
	assert_int_equal(((int (*)(callback *))symbol(h, "run"))(compare_callback), 42);
	assert_tally(7, 12);
	dlclose(h);
	modules_refresh();
}

/* ------------------------------------------------------------------ after dlclose */

/* The same call at the same address in both, in frames of different size. */
static const char frame_source[] =
    "__asm__(\".globl call\\n.type call, @function\\ncall:\\n.cfi_startproc\\n\"\n"
    "\"sub $\" SIZE \", %rsp\\n.cfi_adjust_cfa_offset \" SIZE \"\\n\"\n"
    "\"call *%rdi\\n\"\n"
    "\"add $\" SIZE \", %rsp\\n.cfi_adjust_cfa_offset -\" SIZE \"\\nret\\n.cfi_endproc\\n\"\n"
    "\".size call, . - call\\n\");\n";

static struct unwind_frame seen[ORACLE_MAX];
static int seen_n;

static int keep_callback(void)
{
	seen_n = unwind_stack(seen, ORACLE_MAX);
	return 0;
}

static __attribute__((noinline)) uintptr_t call_and_close(const char *so)
{
	void *h = dlopen(so, RTLD_NOW);
	uintptr_t call;

	assert_non_null(h);
	call = (uintptr_t)symbol(h, "call");
	((int (*)(callback *))call)(keep_callback);
	assert_in_range(seen[1].pc, call, call + 32);
	dlclose(h);
	modules_refresh();
	return seen[1].pc;
}

static void forgets_the_rules_of_unloaded_code(void **state)
{
	char small[128], large[128];
	uintptr_t pcs[4];
	int n = 0;

	(void)state;
	if (plugin_build(small, "small", "cc '-DSIZE=\"24\"'", frame_source) != 0 ||
	    plugin_build(large, "large", "cc '-DSIZE=\"72\"'", frame_source) != 0)
		skip();
	for (int i = 0; i < 4; i++) {
		pcs[i] = call_and_close(i % 2 ? large : small);
		assert_true(seen_n > 4);
		assert_true(n == 0 || seen_n == n);
		n = seen_n;
		assert_true(seen[2].pc - (uintptr_t)call_and_close < 256);
		/* what it was called with still stands in the trace's table */
		assert_non_null(strstr(module_find(pcs[i])->path, i % 2 ? "large" : "small"));
		assert_false(module_is_loaded(module_find(pcs[i])));
	}
	if (pcs[0] != pcs[1])
		print_message("the loader chose other addresses: nothing was there to forget\n");
}

/* ------------------------------------------------------------------ threads, all at once */

#define WALKERS 3
static pthread_barrier_t start_line;
static _Atomic(int) walkers_running;

static __attribute__((noinline)) int walk_deep(int depth, struct unwind_frame *f)
{
	int n = depth ? walk_deep(depth - 1, f) : unwind_stack(f, 64);

	NOT_A_TAIL_CALL;
	return n;
}

static void *walker(void *arg)
{
	struct unwind_frame first[64], again[64];
	int n, m, bad = 0, depth = (int)(intptr_t)arg;

	pthread_barrier_wait(&start_line);
	n = walk_deep(depth, first);
	for (int i = 0; i < 20000; i++) {
		m = walk_deep(depth, again);
		/* all but the frame of this very call */
		if (m != n || m < depth + 3)
			bad++;
		else
			for (int k = 0; k < n; k++)
				bad += first[k].pc != again[k].pc && k != depth + 1;
	}
	walkers_running--;
	return (void *)(intptr_t)bad;
}

static void walks_while_others_load_and_unload(void **state)
{
	char a[128], b[128];
	pthread_t t[WALKERS];
	int loads = 0;

	(void)state;
	if (plugin_build(a, "small", "cc '-DSIZE=\"24\"'", frame_source) != 0 ||
	    plugin_build(b, "large", "cc '-DSIZE=\"72\"'", frame_source) != 0)
		skip();
	walkers_running = WALKERS;
	pthread_barrier_init(&start_line, NULL, WALKERS + 1);
	for (int i = 0; i < WALKERS; i++)
		pthread_create(&t[i], NULL, walker, (void *)(intptr_t)(5 + 9 * i));
	pthread_barrier_wait(&start_line);
	while (walkers_running > 0 || loads < 20) {
		call_and_close(loads % 2 ? a : b);
		loads++;
	}
	for (int i = 0; i < WALKERS; i++) {
		void *bad;

		pthread_join(t[i], &bad);
		assert_null(bad);
	}
	print_message("%d loads and unloads meanwhile\n", loads);
}

/* ------------------------------------------------------------------ as it ships */

#define BASE "preload/base/"
static const char as_shipped[] =
    "cc -O2 -std=gnu17 -D_GNU_SOURCE -Iinclude -Ipreload -fvisibility=hidden -fno-plt "
    "-Wl,--no-undefined " BASE "unwind.c " BASE "unwind_step.c " BASE "cfi.c " BASE
    "modules.c " BASE "elf_image.c " BASE "sys.c";
static const char shipped_source[] =
    "#include \"base/modules.h\"\n#include \"base/unwind.h\"\n"
    "__attribute__((noinline)) static int inner(struct unwind_frame *f, int max)\n"
    "{ int n = unwind_stack(f, max); __asm__ volatile(\"\"); return n; }\n"
    "__attribute__((visibility(\"default\"))) int wrapper(struct unwind_frame *f, int max)\n"
    "{ modules_init(); int n = inner(f, max); __asm__ volatile(\"\"); return n; }\n"
    "__attribute__((visibility(\"default\"))) int ours(unsigned long a)\n"
    "{ return module_is_self(a) && !module_self_is_main(); }\n"
    "__attribute__((visibility(\"default\"))) int through(int (*f)(void *), void *arg)\n"
    "{ int r = f(arg); __asm__ volatile(\"\"); return r; }\n";

static int (*wrapper)(struct unwind_frame *, int);

static __attribute__((noinline)) int call_wrapper(void *out)
{
	int n = wrapper(out, 64);

	NOT_A_TAIL_CALL;
	return n;
}

static void leaves_out_its_own_frames(void **state)
{
	struct unwind_frame f[64], g[64];
	char so[128];
	int n, (*ours)(uintptr_t), (*through)(int (*)(void *), void *);
	void *h;

	(void)state;
	if (access(BASE "unwind.c", R_OK) != 0)
		skip();
	assert_int_equal(plugin_build(so, "shipped", as_shipped, shipped_source), 0);
	h = dlopen(so, RTLD_NOW);
	assert_non_null(h);
	wrapper = (int (*)(struct unwind_frame *, int))symbol(h, "wrapper");
	ours = (int (*)(uintptr_t))symbol(h, "ours");
	through = (int (*)(int (*)(void *), void *))symbol(h, "through");

	n = call_wrapper(f);
	assert_true(f[0].pc - (uintptr_t)call_wrapper < 64);
	assert_true(ours((uintptr_t)wrapper));
	assert_false(ours((uintptr_t)call_wrapper));
	/* a frame of ours further out stays */
	assert_int_equal(through(call_wrapper, g), n + 1);
	assert_int_equal(g[0].pc, f[0].pc);
	assert_true(ours(g[1].pc));
	dlclose(h);
}

static int leave(void **state)
{
	(void)state;
	plugins_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_at_every_instruction),
	    cmocka_unit_test(walks_through_lazy_binding),
	    cmocka_unit_test(walks_through_modules_with_holes),
	    cmocka_unit_test(walks_during_exceptions),
	    cmocka_unit_test(forgets_the_rules_of_unloaded_code),
	    cmocka_unit_test(walks_while_others_load_and_unload),
	    cmocka_unit_test(leaves_out_its_own_frames),
	};

	modules_init();
	return cmocka_run_group_tests(tests, NULL, leave);
}
