/* SPDX-License-Identifier: MIT */
/* Symbols: this very program's functions, lines and inlined frames are found again; another build
 * is not believed. */
#include <link.h>
#include "util_test.h"
#include "reader.h"
#include "report.h"
#include "symbols.h"
#include "util.h"

static void *seen_at;

static inline __attribute__((always_inline)) void inner_step(void)
{
	__asm__ volatile("lea 0(%%rip), %0" : "=r"(seen_at));
}

static __attribute__((noinline, noclone)) int outer_step(int x)
{
	inner_step(); /* line of the call */
	return x + 1;
}
enum { CALL_LINE = __LINE__ - 3 };

static uintptr_t bias;

static int take_bias(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	bias = info->dlpi_addr; /* the first one is the program */
	return 1;
}

static const char *self(void)
{
	static char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(n > 0);
	path[n] = '\0';
	return path;
}

static void inlined_frames_have_names_and_lines(void **state)
{
	struct sym_module *m = symbols_module(self(), "");
	const struct frame *f;
	u32 n;

	(void)state;
	outer_step(1);
	dl_iterate_phdr(take_bias, NULL);
	f = symbols_frames(m, (uintptr_t)seen_at - bias - 1, &n);
	assert_non_null(f);
	assert_true(n >= 2);
	assert_string_equal(f[0].function, "inner_step");
	assert_true(f[0].inlined);
	assert_string_equal(path_base(f[0].file), "t_symbols.c");
	assert_string_equal(f[1].function, "outer_step");
	assert_int_equal(f[1].line, CALL_LINE);
	assert_true(f[1].program);
	assert_string_equal(symbols_function(m, (uintptr_t)outer_step - bias), "outer_step");
	assert_string_equal(symbols_symbol(m, (uintptr_t)&seen_at - bias), "seen_at");
	assert_ptr_equal(symbols_module(self(), ""), m); /* cached */
}

static void another_build_is_not_believed(void **state)
{
	struct sym_module *m = symbols_module(self(), "0123456789012345678901234567890123456789");
	const struct frame *f;
	u32 n;

	(void)state;
	dl_iterate_phdr(take_bias, NULL);
	f = symbols_frames(m, (uintptr_t)outer_step - bias, &n);
	assert_int_equal(n, 1);
	assert_null(f[0].function);
	assert_int_equal(f[0].offset, (uintptr_t)outer_step - bias);
	assert_string_equal(f[0].module, self());
}

static void what_is_no_elf_file_gives_offsets(void **state)
{
	static const char *const paths[] = {"",		 "[vdso]", "/nonexistent",
					    "/dev/zero", "/tmp",   "relative"};
	struct sym_module *m;
	u32 n;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		m = symbols_module(paths[i], "");
		assert_null(symbols_frames(m, 64, &n)->function);
	}
	m = symbols_module(test_text("not-elf.so", "\177ELF and then nothing of the kind"), "");
	assert_null(symbols_frames(m, 64, &n)->function);
}

static void own_code_is_told_from_the_rest(void **state)
{
	(void)state;
	assert_true(symbols_is_program("/opt/x/server", "handle", "/src/x.c"));
	assert_true(symbols_is_program("/usr/lib/libcurl.so.4", "curl_perform", NULL));
	assert_false(symbols_is_program("/lib/x86_64-linux-gnu/libc.so.6", "qsort", NULL));
	assert_false(symbols_is_program("/usr/lib/libstdc++.so.6", NULL, NULL));
	assert_false(
	    symbols_is_program("/opt/x/server", "std::mutex::lock", "/usr/include/c++/12/mutex"));
	assert_false(symbols_is_program("/x/libpitfall.so", "wrap", NULL));
}

static void tool_and_start_frames_are_taken_away(void **state)
{
	const char *path = test_text(
	    "trim.jsonl",
	    "{\"ev\":\"process\",\"v\":2,\"pid\":1,\"exe\":\"/a\",\"t\":1}\n"
	    "{\"ev\":\"stack\",\"id\":1,\"frames\":[\"wrap in /x/libpitfall.so\",\"work at x.c:5 "
	    "in /a\",\"start_thread in /l/libc.so.6\",\"clone3 in /l/libc.so.6\"]}\n"
	    "{\"ev\":\"stack\",\"id\":2,\"frames\":[\"compare at x.c:7 in /a\",\"qsort in "
	    "/l/libc.so.6\",\"main at x.c:9 in /a\",\"__libc_start_call_main in "
	    "/l/libc.so.6\",\"in /a\"]}\n"
	    "{\"ev\":\"stack\",\"id\":3,\"frames\":[\"handle_sigev in "
	    "/l/libc.so.6\",\"start_thread in /l/libc.so.6\"]}\n");
	struct diag_out quiet = {0};
	struct model_process *p;
	const struct frames *f;

	(void)state;
	assert_int_equal(trace_load(&p, path, &quiet), 0);
	f = process_frames(p, 1);
	assert_int_equal(f->n, 1);
	assert_string_equal(f->f[0].function, "work");
	f = process_frames(p, 2);
	assert_int_equal(f->n, 3);
	assert_string_equal(f->f[1].function, "qsort");
	assert_string_equal(frames_program(f)->function, "compare");
	f = process_frames(p, 3);
	assert_int_equal(f->n, 1); /* nothing of the program in it: what there is */
	process_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inlined_frames_have_names_and_lines),
	    cmocka_unit_test(another_build_is_not_believed),
	    cmocka_unit_test(what_is_no_elf_file_gives_offsets),
	    cmocka_unit_test(own_code_is_told_from_the_rest),
	    cmocka_unit_test(tool_and_start_frames_are_taken_away),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
