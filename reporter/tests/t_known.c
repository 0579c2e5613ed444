/* SPDX-License-Identifier: MIT */
/*
 * What is known and accepted: suppression files read, refused, told unused; entries that were made
 * for a report suppress that and nothing else, whatever functions are called; baselines.
 */
#include <errno.h>
#include <jansson.h>
#include "util_test.h"
#include "render.h"
#include "rules/rule.h"
#include "suppress.h"

/* One error in take(), one in NAME, which comes as it is into a JSON string. */
static const char trace[] =
    "{\"ev\":\"process\",\"v\":2,\"pid\":7,\"exe\":\"/opt/app\",\"mode\":\"audit\",\"t\":1000}\n"
    "{\"ev\":\"stack\",\"id\":1,\"frames\":[\"take at /s/code.c:3 in /opt/app\",\"main at "
    "/s/code.c:6 in /opt/app\"]}\n"
    "{\"ev\":\"stack\",\"id\":2,\"frames\":[\"%s at /s/other.c:8 in /opt/lib x.so\",\"main at "
    "/s/code.c:7 in /opt/app\"]}\n"
    "{\"ev\":\"misuse\",\"kind\":\"unlock-not-held\",\"obj\":1,\"stack\":1,\"th\":1,\"t\":3000,"
    "\"err\":"
    "\"EPERM\"}\n"
    "{\"ev\":\"misuse\",\"kind\":\"unlock-not-held\",\"obj\":2,\"stack\":2,\"th\":1,\"t\":3000,"
    "\"err\":"
    "\"EPERM\"}\n"
    "{\"ev\":\"end\",\"how\":\"exit\",\"status\":0,\"t\":9000}\n";

static char said[4096]; /* what the last build complained of */

static int build(struct report **r, const char *name, const char *suppressions,
		 const char *baseline)
{
	struct diag_out out = {0};
	struct report_options o = {.suppressions = suppressions, .baseline = baseline, .out = &out};
	char text[4096], *path, *said_now;
	size_t size;
	int rc;

	out.to = open_memstream(&said_now, &size);
	snprintf(text, sizeof(text), trace, name);
	path = (char *)test_text("t.jsonl", text);
	rc = report_build(r, &path, 1, &o);
	fclose(out.to);
	snprintf(said, sizeof(said), "%s", said_now);
	free(said_now);
	return rc;
}

static struct report *built(const char *name, const char *suppressions, const char *baseline)
{
	struct report *r;

	assert_int_equal(build(&r, name, suppressions, baseline), 0);
	return r;
}

static char *rendered(const struct report *r, enum format f)
{
	struct render_options o = {0};
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_int_equal(report_render(r, f, to, &o), 0);
	fclose(to);
	return text;
}

static void all_conditions_of_a_line_must_hold(void **state)
{
	static const struct {
		const char *lines;
		unsigned left;
	} cases[] = {
	    {"unlock-not-held function=take function=main\n", 1},
	    {"unlock-not-held function=take function=give\n", 2},
	    {"function=take module=\"/opt/lib x.so\"\n", 2},
	    {"function=give module=\"/opt/lib x.so\"\n", 1},
	    {"module=\"lib x.so\" # by its last name\n", 1},
	    {"file=code.c file=other.c\n", 1},
	    {"file=code.c file=*[.]c\n", 0},
	    {"  function=g?ve\r\n", 1},
	    {"function=take\n\nfunction=give", 0},
	    {"function=\"ta\"ke\n", 1},
	    {"function=\"\\\"take\\\"\"\n", 2},
	    {"fingerprint=*\n", 0},
	    {"fingerprint=00\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct report *r = built("give", test_text("s.txt", cases[i].lines), NULL);

		if (r->errors != cases[i].left || r->suppressed != 2 - cases[i].left)
			fail_msg("'%s' left %u", cases[i].lines, r->errors);
		report_free(r);
	}
}

static void a_bad_line_is_named(void **state)
{
	static const struct {
		const char *lines, *where, *what;
	} cases[] = {
	    {"unlock-not-held\ncolour=red\n", "s.txt:2: 'colour=red'", "no condition"},
	    {"# x\n\nrule=\n", "s.txt:3: 'rule='", "no condition"},
	    {"functions=f\n", "s.txt:1: 'functions=f'", "no condition"},
	    {"unlock-not-held file=\"a b\n", "s.txt:1: 'file=a b'", "quote"},
	    {"\x1b[2J=1\n", "s.txt:1: '?[2J=1'", "no condition"},
	};
	static char big[80000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct report *r = NULL;
		char *end;

		assert_int_equal(build(&r, "give", test_text("s.txt", cases[i].lines), NULL),
				 -EINVAL);
		assert_null(r);
		if (!strstr(said, cases[i].where) || !strstr(said, cases[i].what))
			fail_msg("'%s' said: %s", cases[i].lines, said);
		end = strchr(said, '\n');
		assert_true(end && end[1] == '\0'); /* one line */
	}
	memset(big, 'a', sizeof(big) - 1);
	assert_int_equal(build(&(struct report *){NULL}, "give", test_text("s.txt", big), NULL),
			 -EINVAL);
	assert_non_null(strstr(said, "s.txt:1: a line too long"));
}

static void unused_entries_are_told_once(void **state)
{
	struct report *r =
	    built("give",
		  test_text("s.txt", "function=take # used\nrule=join-*\n"
				     "unlock-not-held function=main\n99 # \x07 no rule\n"),
		  NULL);

	(void)state;
	assert_int_equal(r->suppressed, 2);
	assert_non_null(strstr(said, "s.txt:2: note: nothing was suppressed by 'rule=join-*'\n"));
	assert_non_null(
	    strstr(said, "s.txt:4: note: nothing was suppressed by '99 # ? no rule'\n"));
	assert_null(strstr(said, "s.txt:1"));
	assert_null(strstr(said, "s.txt:3")); /* matched, too */
	report_free(r);
}

/* The lines that TEXT offers as comments, "wider", as entries. */
static void widen(char *text, char *out, size_t size)
{
	const char mark[] = "# wider, by name: ";

	*out = '\0';
	for (char *at = text; (at = strstr(at, mark)); at++)
		snprintf(out + strlen(out), size - strlen(out), "%.*s\n",
			 (int)strcspn(at + strlen(mark), "\n"), at + strlen(mark));
}

static void generated_entries_suppress_what_they_were_made_for(void **state)
{
	/* as in JSON; a name that is a glob, one that is full of quotes, one that looks like a line
	 */
	static const char *const names[] = {"give", "t*?e[ab]", "operator\\\"\\\" _x\\\\", "a b#c",
					    "x\\nrule=*"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct report *r = built(names[i], NULL, NULL);
		char *text = rendered(r, FORMAT_SUPPRESSIONS), wide[2048];

		assert_int_equal(r->errors, 2);
		report_free(r);
		r = built(names[i], test_text("s.txt", text), NULL);
		assert_int_equal(r->suppressed, 2);
		assert_int_equal(r->ndiags, 0);
		assert_string_equal(said, ""); /* each was needed */
		report_free(r);
		r = built("another", test_text("s.txt", text), NULL);
		assert_int_equal(r->suppressed, 1);
		assert_int_equal(r->errors, 1); /* the new one is not theirs */
		report_free(r);
		widen(text, wide, sizeof(wide));
		r = built(names[i], test_text("s.txt", wide), NULL);
		if (r->suppressed != 2)
			fail_msg("by name, %u of 2 are suppressed by:\n%s", r->suppressed, wide);
		report_free(r);
		r = built("take_not", test_text("s.txt", wide), NULL);
		assert_int_equal(r->errors, 1);
		report_free(r);
		free(text);
	}
}

static const char *baseline_of(const char *name)
{
	struct report *r = built(name, NULL, NULL);
	char *text = rendered(r, FORMAT_JSON);
	const char *path = test_text("old.json", text);

	report_free(r);
	free(text);
	return path;
}

static void a_baseline_leaves_what_is_new(void **state)
{
	struct report *r = built("give", NULL, baseline_of("give"));
	char *text = rendered(r, FORMAT_TEXT);

	(void)state;
	assert_int_equal(r->known, 2);
	assert_int_equal(r->errors, 0);
	assert_ptr_equal(strstr(text, "pitfall: nothing new found in app"), text);
	assert_non_null(strstr(text, ", 2 known\n"));
	free(text);
	report_free(r);
	r = built("another", NULL, baseline_of("give"));
	text = rendered(r, FORMAT_JSON);
	assert_int_equal(r->known, 1);
	assert_int_equal(r->errors, 1);
	assert_non_null(strstr(text, "\"known\": 1"));
	assert_non_null(strstr(text, "another"));
	free(text);
	report_free(r);
}

static void a_baseline_of_one_build_knows_that_build(void **state)
{
	struct report *r = built("give", NULL, NULL);
	char text[512];

	(void)state;
	for (int build = 0; build < 2; build++) {
		struct report *again;

		snprintf(
		    text, sizeof(text),
		    "{\"schema\":\"pitfall-report/1\",\"diagnoses\":[{\"rule\":\"unlock-not-held\","
		    "\"fingerprint\":\"%s\"%s}]}",
		    r->diag[0].fingerprint, build ? ",\"stability\":\"build\"" : "");
		again = built("give", NULL, test_text("old.json", text));
		assert_int_equal(again->known, !build);
		report_free(again);
	}
	snprintf(text, sizeof(text),
		 "{\"schema\":\"pitfall-report/1\",\"diagnoses\":[{\"rule\":\"join-self\","
		 "\"fingerprint\":\"%s\"}]}",
		 r->diag[0].fingerprint);
	report_free(r);
	r = built("give", NULL, test_text("old.json", text));
	assert_int_equal(r->known, 0);
	report_free(r);
}

static void a_baseline_that_is_none_is_refused(void **state)
{
	static const char *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "{\"schema\":\"pitfall-report/2\",\"diagnoses\":[]}",
	    "{\"schema\":\"pitfall-report/1\"}",
	    "{\"schema\":\"pitfall-report/1\",\"diagnoses\":[1]}",
	    "{\"schema\":\"pitfall-report/1\",\"diagnoses\":[{\"rule\":\"unlock-not-held\"}]}",
	};
	struct report *r;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(build(&r, "give", NULL, test_text("old.json", texts[i])), -EINVAL);
		assert_non_null(strstr(said, "old.json"));
		assert_non_null(strstr(said, "no baseline: "));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
	assert_int_equal(build(&r, "give", NULL, "/nonexistent"), -EINVAL);
	assert_non_null(strstr(said, "/nonexistent: no baseline: No such file"));
}

static void bad_files_are_found_before_anything_runs(void **state)
{
	struct diag_out quiet = {0};
	struct report_options o = {.out = &quiet};

	(void)state;
	assert_int_equal(report_check(&o), 0);
	o.suppressions = test_text("s.txt", "unlock-not-held\n");
	o.baseline = baseline_of("give");
	assert_int_equal(report_check(&o), 0);
	assert_int_equal(quiet.said, 0);
	o.suppressions = test_text("s.txt", "colour=red\n");
	assert_int_equal(report_check(&o), -EINVAL);
	o.suppressions = NULL;
	o.baseline = "/nonexistent";
	assert_int_equal(report_check(&o), -EINVAL);
	assert_int_equal(quiet.said, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_conditions_of_a_line_must_hold),
	    cmocka_unit_test(a_bad_line_is_named),
	    cmocka_unit_test(unused_entries_are_told_once),
	    cmocka_unit_test(generated_entries_suppress_what_they_were_made_for),
	    cmocka_unit_test(a_baseline_leaves_what_is_new),
	    cmocka_unit_test(a_baseline_of_one_build_knows_that_build),
	    cmocka_unit_test(a_baseline_that_is_none_is_refused),
	    cmocka_unit_test(bad_files_are_found_before_anything_runs),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
