/* SPDX-License-Identifier: MIT */
/* Fingerprints: the same fault in another run or build keeps its own, another fault gets another.
 */
#include "util_test.h"
#include "fingerprint.h"
#include "report.h"
#include "symbols.h"

#define PROCESS                                                                                    \
	"{\"ev\":\"process\",\"v\":2,\"pid\":%d,\"exe\":\"%s/"                                     \
	"app\",\"host\":\"%s\",\"boot_id\":\"b\",\"mode\":\"audit\",\"t\":1000}\n"
#define FRAMES(id, f, line, path)                                                                  \
	"{\"ev\":\"stack\",\"id\":" id ",\"frames\":[\"" f " at %s/x.c:" line                      \
	" in %s/app\",\"main at %s/x.c:9\"]}\n"
#define MEMBER(thread, wait, hold)                                                                 \
	"{\"thread\":" thread ",\"tid\":5,\"wait\":\"mutex_lock\",\"obj\":1,\"wait_stack\":" wait  \
	",\"hold_stack\":" hold "}"
#define END "{\"ev\":\"end\",\"how\":\"exit\",\"status\":0,\"t\":9000}\n"

static void fingerprint_of(const char *text, char out[33])
{
	char *path = (char *)test_text("f.jsonl", text);
	struct report *r;

	assert_int_equal(report_build(&r, &path, 1, NULL), 0);
	assert_int_equal(r->ndiags, 1);
	memcpy(out, r->diag[0].fingerprint, 33);
	report_free(r);
}

static void names_are_normalised(void **state)
{
	static const char *const pairs[][2] = {
	    {"cache_get", "cache_get"},
	    {"cache_get.constprop.0", "cache_get"},
	    {"cache_get.part.3.isra.1", "cache_get"},
	    {"cache_get.cold", "cache_get"},
	    {"ns::Pool<int, std::vector<char> >::take", "ns::Pool::take"},
	    {"ns::f(int, char const*)", "ns::f"},
	    {"main::{lambda()#1}::operator()", "main::{lambda}::operator()"},
	    {"main::{lambda()#2}::operator()", "main::{lambda}::operator()"},
	    {"(anonymous namespace)::f", "(anon)::f"},
	    {"operator<<", "operator<<"},
	    {"open@plt", "open"},
	    {"write@@GLIBC_2.2.5", "write"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		function_normalise(pairs[i][0], out, sizeof(out));
		assert_string_equal(out, pairs[i][1]);
	}
	function_normalise("a_function_whose_name_is_longer", out, 8);
	assert_string_equal(out, "a_funct");
}

static void names_are_demangled(void **state)
{
	static const char *const pairs[][2] = {
	    {"_ZN5cache3getEi", "cache::get"},
	    {"_ZNK5cache3getEi", "cache::get"},
	    {"_Z4takeIiET_S0_", "take<int>"},
	    {"_ZN12_GLOBAL__N_14workEPv", "(anonymous namespace)::work"},
	    {"_ZlsRSoRK5cache", "operator<<"},
	    {"_ZN5cacheclEi", "cache::operator()"},
	    {"_ZN5cache3getEPFivE", "cache::get"},
	};

	(void)state;
	assert_null(demangle("main"));
	assert_null(demangle("_Zxyz"));
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *s = demangle(pairs[i][0]);

		assert_non_null(s);
		assert_string_equal(s, pairs[i][1]);
		free(s);
	}
}

static void other_lines_paths_threads_hosts_and_times_are_the_same_fault(void **state)
{
	char a[33], b[33], text[4096];

	(void)state;
	snprintf(
	    text, sizeof(text),
	    PROCESS FRAMES("1", "take", "5", "") "{\"ev\":\"misuse\",\"kind\":\"relock\",\"obj\":1,"
						 "\"stack\":1,\"th\":2,\"t\":5}\n" END,
	    10, "/a", "h1", "/a", "/a", "/a");
	fingerprint_of(text, a);
	snprintf(text, sizeof(text),
		 PROCESS FRAMES("8", "take.constprop.0", "500",
				"") "{\"ev\":\"misuse\",\"kind\":\"relock\",\"obj\":9,\"addr\":5,"
				    "\"stack\":8,\"th\":7,\"t\":99}\n" END,
		 99, "/other/b", "h2", "/other", "/other", "/o");
	fingerprint_of(text, b);
	assert_string_equal(a, b);
	snprintf(
	    text, sizeof(text),
	    PROCESS FRAMES("1", "give", "5", "") "{\"ev\":\"misuse\",\"kind\":\"relock\",\"obj\":1,"
						 "\"stack\":1,\"th\":2,\"t\":5}\n" END,
	    10, "/a", "h1", "/a", "/a", "/a");
	fingerprint_of(text, b);
	assert_string_not_equal(a, b);
	snprintf(
	    text, sizeof(text),
	    PROCESS FRAMES("1", "take", "5", "") "{\"ev\":\"misuse\",\"kind\":\"join-self\","
						 "\"obj\":1,\"stack\":1,\"th\":2,\"t\":5}\n" END,
	    10, "/a", "h1", "/a", "/a", "/a");
	fingerprint_of(text, b);
	assert_string_not_equal(a, b);
}

static void a_ring_may_begin_anywhere_but_not_run_backwards(void **state)
{
	static const char *const order[] = {
	    MEMBER("2", "1", "2") "," MEMBER("3", "3", "4") "," MEMBER("4", "5", "6"),
	    MEMBER("4", "3", "4") "," MEMBER("2", "5", "6") "," MEMBER("3", "1", "2"),
	    MEMBER("2", "5", "6") "," MEMBER("3", "3", "4") "," MEMBER("4", "1", "2")};
	char print[3][33], text[4096];

	(void)state;
	for (int i = 0; i < 3; i++) {
		int n = snprintf(text, sizeof(text), PROCESS, 10, "/a", "h");

		for (int k = 1; k <= 6; k++)
			n += snprintf(
			    text + n, sizeof(text) - (size_t)n,
			    "{\"ev\":\"stack\",\"id\":%d,\"frames\":[\"f%d at x.c:%d\"]}\n", k, k,
			    k + i);
		snprintf(text + n, sizeof(text) - (size_t)n,
			 "{\"ev\":\"deadlock\",\"ring\":[%s],\"t\":5}\n", order[i]);
		fingerprint_of(text, print[i]);
	}
	assert_string_equal(print[0], print[1]);
	assert_string_not_equal(print[0], print[2]);
}

static void without_symbols_it_is_tied_to_the_build(void **state)
{
	char *path = (char *)test_text(
	    "n.jsonl",
	    "{\"ev\":\"process\",\"v\":2,\"pid\":1,\"exe\":\"/a\",\"mode\":\"audit\",\"t\":1}\n"
	    "{\"ev\":\"module\",\"id\":1,\"bias\":4096,\"start\":4096,\"end\":8192,\"path\":\"/no/"
	    "such/file\",\"build_id\":\"ab\"}\n"
	    "{\"ev\":\"stack\",\"id\":1,\"pcs\":[5000]}\n{\"ev\":\"misuse\",\"kind\":\"relock\","
	    "\"obj\":1,\"stack\":1,\"t\":5}\n" END);
	struct report *r;

	(void)state;
	assert_int_equal(report_build(&r, &path, 1, NULL), 0);
	assert_int_equal(r->ndiags, 1);
	assert_true(r->diag[0].by_build);
	assert_int_equal(r->diag[0].evidence[0].stack.f[0].offset, 5000 - 4096 - 1);
	report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_normalised),
	    cmocka_unit_test(names_are_demangled),
	    cmocka_unit_test(other_lines_paths_threads_hosts_and_times_are_the_same_fault),
	    cmocka_unit_test(a_ring_may_begin_anywhere_but_not_run_backwards),
	    cmocka_unit_test(without_symbols_it_is_tied_to_the_build),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
