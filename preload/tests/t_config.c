/* SPDX-License-Identifier: MIT */
/*
 * PITFALL_OPTIONS: what is taken, what is told, what stays at its default.
 */
#include "tests/core.h"

static char err[256];

static int parse(const char *options)
{
	memset(&config, 0, sizeof(config));
	return config_parse(options, err, sizeof(err));
}

static void test_defaults(void **s)
{
	(void)s;
	assert_int_equal(parse(NULL), 0);
	assert_string_equal(err, "");
	assert_string_equal(config.output, "/var/tmp/pitfall-%u");
	assert_string_equal(config.programs, "*");
	assert_true(config.children);
	assert_false(config.keep);
	assert_int_equal(config.mode, 0);
	assert_int_equal(config.max_memory, 64);
	assert_int_equal(parse(""), 0);
	assert_int_equal(parse(":::"), 0);
}

static void test_values(void **s)
{
	(void)s;
	assert_int_equal(
	    parse(
		"mode=diagnose:output=/tmp/a b:keep=yes:children=no:max_memory=7:log=\"x:y\":argv"),
	    0);
	assert_int_equal(config.mode, 1);
	assert_string_equal(config.output, "/tmp/a b");
	assert_true(config.keep);
	assert_false(config.children);
	assert_int_equal(config.max_memory, 7);
	assert_string_equal(config.log, "x:y");
	assert_true(config.argv);
	assert_int_equal(parse("keep=1:keep=0"), 0); /* the last one counts */
	assert_false(config.keep);
}

/* One bad setting is told by name; it keeps its default, the others are taken. */
static void bad(const char *options, const char *named)
{
	assert_true(parse(options) < 0);
	assert_non_null(strstr(err, named));
	assert_null(strchr(err, '\n'));
	assert_int_equal(config.max_memory, 64);
	assert_int_equal(config.max_trace, 9);
}

static void test_bad_values(void **s)
{
	(void)s;
	bad("max_memory=0:max_trace=9", "max_memory=0");
	bad("max_memory=4097:max_trace=9", "max_memory=4097");
	bad("max_memory=-3:max_trace=9", "max_memory=-3");
	bad("max_memory=9999999999999999999999:max_trace=9", "max_memory=999");
	bad("max_memory=:max_trace=9", "max_memory=");
	bad("max_memory=12x:max_trace=9", "max_memory=12x");
	bad("max_memory:max_trace=9", "max_memory");
	bad("max_trace=9:nonsense=1", "nonsense=1");
	bad("max_trace=9:max=1", "max=1");
	bad("max_trace=9:mode=fast", "mode=fast");
	bad("max_trace=9:keep=maybe", "keep=maybe");
	bad("max_trace=9:=", "=");
	bad("max_trace=9:log=\"never closed", "log=");
}

static void test_long_values(void **s)
{
	char options[2000] = "max_trace=9:output=";

	(void)s;
	memset(options + strlen(options), 'x', 1000);
	bad(options, "output=xxx");
	assert_string_equal(config.output, "/var/tmp/pitfall-%u");
	assert_true(strlen(err) < sizeof(err));
}

static void test_globs(void **s)
{
	(void)s;
	assert_true(config_glob_list("*", "redis-server"));
	assert_true(config_glob_list("redis-*,nginx", "redis-server"));
	assert_true(config_glob_list("redis-*,nginx", "nginx"));
	assert_false(config_glob_list("redis-*,nginx", "nginx2"));
	assert_true(config_glob_list("n?inx", "nginx"));
	assert_false(config_glob_list("n?inx", "ninx"));
	assert_true(config_glob_list("*a*b*", "xxaxxbxx"));
	assert_false(config_glob_list("*a*b*", "xxbxxaxx"));
	assert_false(config_glob_list("", "x"));
	assert_true(config_glob_list(",,x", "x"));
	assert_false(config_glob_list("x", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),   cmocka_unit_test(test_values),
	    cmocka_unit_test(test_bad_values), cmocka_unit_test(test_long_values),
	    cmocka_unit_test(test_globs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
