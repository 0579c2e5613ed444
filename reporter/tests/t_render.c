/* SPDX-License-Identifier: MIT */
/*
 * The two renderers and suppressions: the JSON contract key by key, text a terminal survives,
 * source lines where the source is there, notes folded, suppressed faults counted and not shown.
 */
#include <errno.h>
#include <jansson.h>
#include "util_test.h"
#include "render.h"
#include "rules/rule.h"

#define PROCESS                                                                                    \
	"{\"ev\":\"process\",\"v\":2,\"pid\":7,\"ppid\":1,\"exe\":\"/opt/"                         \
	"app\",\"host\":\"h\",\"boot_id\":\"b\",\"real\":5000000000,\"mode\":\"audit\",\"t\":"     \
	"1000}\n"
#define STACK                                                                                      \
	"{\"ev\":\"stack\",\"id\":1,\"frames\":[\"take at %s/code.c:3 in /opt/app\",\"main at "    \
	"%s/code.c:6 in /opt/app\"]}\n"
#define RELOCK                                                                                     \
	"{\"ev\":\"misuse\",\"kind\":\"relock\",\"obj\":1,\"stack\":1,\"other\":2,\"other_"        \
	"stack\":1,\"th\":1,\"t\":3000,\"err\":\"EDEADLK\"}\n"                                     \
	"{\"ev\":\"misuse\",\"kind\":\"unlock-not-held\",\"obj\":1,\"stack\":1,\"th\":1,"          \
	"\"n\":1,\"t\":3500}\n"
#define FD                                                                                         \
	"{\"ev\":\"fd\",\"gen\":1,\"open\":1,\"num\":5,\"kind\":1,\"stack\":1,\"thread\":1,"       \
	"\"peer\":-1}\n"
#define BLIND                                                                                      \
	"{\"ev\":\"blind\",\"what\":\"data-race\",\"why\":\"no "                                   \
	"watchpoints\"}\n{\"ev\":\"dropped\",\"what\":\"fd\",\"count\":4,\"why\":\"full\"}\n"
#define END "{\"ev\":\"end\",\"how\":\"exit\",\"status\":0,\"t\":9000}\n"

static struct report *report_of(const char *lines, const char *suppressions)
{
	static char text[8192];
	struct report_options o = {.suppressions = suppressions};
	struct report *r;
	char *path;

	test_text("code.c", "int x;\n/* before */\n\ttake(&x);\n/* after */\nint y;\nmain line\n");
	snprintf(text, sizeof(text), lines, test_dir, test_dir);
	path = (char *)test_text("r.jsonl", text);
	assert_int_equal(report_build(&r, &path, 1, &o), 0);
	return r;
}

static char *rendered(const struct report *r, enum format f, bool verbose, bool colour)
{
	struct render_options o = {.verbose = verbose, .colour = colour};
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_int_equal(report_render(r, f, to, &o), 0);
	fclose(to);
	return text;
}

/* All KEYS (blank-separated) are in O, and their types are as the letters after ':' say (s string,
 * i integer, a array, o object, b boolean, n null or the letter before it). */
static void has_keys(const json_t *o, const char *keys)
{
	char copy[512], *save = NULL;

	assert_true(json_is_object(o));
	strcpy(copy, keys);
	for (char *k = strtok_r(copy, " ", &save); k; k = strtok_r(NULL, " ", &save)) {
		char *type = strchr(k, ':');
		const json_t *v;
		bool ok = false;

		*type++ = '\0';
		v = json_object_get(o, k);
		for (; *type; type++)
			ok |= (*type == 's' && json_is_string(v)) ||
			      (*type == 'i' && json_is_integer(v)) ||
			      (*type == 'a' && json_is_array(v)) ||
			      (*type == 'o' && json_is_object(v)) ||
			      (*type == 'b' && json_is_boolean(v)) ||
			      (*type == 'n' && json_is_null(v)) ||
			      (*type == 'r' && json_is_real(v));
		if (!ok)
			fail_msg("key %s is missing or of another type", k);
	}
}

static void stack_has_keys(const json_t *stack)
{
	const json_t *f;
	size_t i;

	assert_true(json_is_array(stack));
	json_array_foreach (stack, i, f)
		has_keys(f, "function:sn file:sn line:in module:sn offset:i");
}

static void json_keeps_the_contract(void **state)
{
	struct report *r =
	    report_of(PROCESS STACK RELOCK FD BLIND
		      "{\"ev\":\"thread\",\"serial\":1,\"tid\":7,\"flags\":8,\"stack\":1}\n" END,
		      NULL);
	char *text = rendered(r, FORMAT_JSON, false, false);
	json_t *o = json_loads(text, 0, NULL), *v;
	size_t i, k;
	const json_t *p, *d, *x;

	(void)state;
	has_keys(o, "schema:s processes:a diagnoses:a summary:o");
	assert_string_equal(json_string_value(json_object_get(o, "schema")), "pitfall-report/1");
	json_array_foreach (json_object_get(o, "processes"), i, v) {
		p = v;
		has_keys(p, "pid:i ppid:i program:s argv:an host:sn boot_id:sn started:rn ended:s "
			    "status:in coverage:o");
		has_keys(json_object_get(p, "coverage"),
			 "observed:b why:sn mode:sn blind:a dropped_events:i");
		assert_int_equal(json_integer_value(json_object_get(json_object_get(p, "coverage"),
								    "dropped_events")),
				 4);
	}
	assert_int_equal(json_array_size(json_object_get(o, "diagnoses")), 2);
	json_array_foreach (json_object_get(o, "diagnoses"), i, v) {
		d = v;
		has_keys(d, "process:i rule:s pitfall:in family:s severity:s confidence:s title:s "
			    "what:s why:s fix:s count:i "
			    "objects:a threads:a evidence:a fingerprint:s");
		json_array_foreach (json_object_get(d, "objects"), k, x) {
			has_keys(x, "kind:s id:i name:sn created:a");
			stack_has_keys(json_object_get(x, "created"));
		}
		json_array_foreach (json_object_get(d, "threads"), k, x) {
			has_keys(x, "serial:i tid:in name:sn start:sn created:a");
			stack_has_keys(json_object_get(x, "created"));
		}
		assert_true(json_array_size(json_object_get(d, "evidence")) > 0);
		json_array_foreach (json_object_get(d, "evidence"), k, x) {
			has_keys(x, "t:rn thread:in what:s stack:a");
			stack_has_keys(json_object_get(x, "stack"));
		}
	}
	has_keys(json_object_get(o, "summary"),
		 "errors:i warnings:i notes:i suppressed:i known:i dropped_events:i");
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(o, "summary"), "errors")), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(o, "summary"), "notes")), 1);
	json_decref(o);
	free(text);
	report_free(r);
}

static void text_shows_verdict_source_and_coverage(void **state)
{
	struct report *r = report_of(PROCESS STACK RELOCK FD BLIND END, NULL);
	char *text = rendered(r, FORMAT_TEXT, false, false), *full;

	(void)state;
	assert_ptr_equal(strstr(text, "pitfall: 1 error, 1 note in app (pid 7, exit status 0"),
			 text);
	assert_non_null(strstr(text, ">    3 |         take(&x);\n"));
	assert_non_null(strstr(text, "     2 | /* before */\n"));
	assert_non_null(strstr(text, "     4 | /* after */\n"));
	assert_non_null(strstr(text, "blind: data-race: no watchpoints"));
	assert_non_null(strstr(text, "not recorded: 4 fd: full"));
	assert_null(strstr(text, "\033"));
	assert_null(strstr(text, "rule descriptor-leak")); /* a note is folded to its title */
	assert_non_null(strstr(text, "Notes (in full with --verbose)"));
	full = rendered(r, FORMAT_TEXT, true, true);
	assert_non_null(strstr(full, "rule descriptor-leak"));
	assert_non_null(strstr(full, "\033["));
	free(text);
	free(full);
	report_free(r);
}

static void nothing_wrong_is_said_in_one_line_and_coverage(void **state)
{
	struct report *r = report_of(PROCESS END, NULL);
	char *text = rendered(r, FORMAT_TEXT, false, false);

	(void)state;
	assert_ptr_equal(strstr(text, "pitfall: nothing wrong found in app"), text);
	free(text);
	report_free(r);
}

static void hostile_words_do_not_reach_the_terminal(void **state)
{
	struct report *r = report_of(
	    "{\"ev\":\"process\",\"v\":2,\"pid\":7,\"exe\":\"/opt/\\u001b[2Jx\\u009b\",\"t\":1}\n"
	    "{\"ev\":\"stack\",\"id\":1,\"frames\":[\"f\\u001b]0;x at /etc/passwd:1 in a\"]}\n"
	    "{\"ev\":\"thread\",\"serial\":1,\"name\":\"\\u0007\\r\\n\"}\n" RELOCK END,
	    NULL);
	char *text = rendered(r, FORMAT_TEXT, true, false);

	(void)state;
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	assert_null(strstr(text, "\xc2\x9b"));
	assert_null(strstr(text, "root:")); /* only source files are shown */
	free(text);
	report_free(r);
}

static void suppressed_faults_are_counted_and_not_shown(void **state)
{
	static const struct {
		const char *line;
		unsigned left;
	} cases[] = {
	    {"relock\n", 0},
	    {"# none\n\nrule=join-*\n", 1},
	    {"rule=rel* function=take\n", 0},
	    {"rule=relock function=give\n", 1},
	    {"file=code.c\n", 0},
	    {"module=\"/opt/*\" # mine\n", 0},
	    {"13\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct report *r =
		    report_of(PROCESS STACK RELOCK END, test_text("s.txt", cases[i].line));

		if (r->errors != cases[i].left || r->suppressed != 1 - cases[i].left)
			fail_msg("'%s' left %u", cases[i].line, r->errors);
		report_free(r);
	}
}

static void a_bad_suppression_file_is_refused(void **state)
{
	struct diag_out quiet = {0};
	struct report_options o = {.out = &quiet};
	char *path = (char *)test_text("ok.jsonl", PROCESS END);
	struct report *r;

	(void)state;
	o.suppressions = test_text("bad.txt", "colour=red\n");
	assert_int_equal(report_build(&r, &path, 1, &o), -EINVAL);
	assert_int_equal(quiet.said, 1);
	o.suppressions = "/nonexistent";
	assert_int_equal(report_build(&r, &path, 1, &o), -EINVAL);
}

static void times_count_from_the_earliest_process(void **state)
{
	struct report *r = report_of(PROCESS STACK RELOCK END, NULL);

	(void)state;
	assert_true(report_time(r, 0, 3000) > 1.9e-6 && report_time(r, 0, 3000) < 2.1e-6);
	assert_true(report_time(r, 0, 0) < 0);
	report_free(r);
}

static void formats_are_known_planned_or_unknown(void **state)
{
	enum format f;

	(void)state;
	assert_int_equal(format_parse("json", &f), 0);
	assert_int_equal(f, FORMAT_JSON);
	assert_int_equal(format_parse("sarif", &f), -ENOSYS);
	assert_int_equal(format_parse("svg", &f), 0);
	assert_int_equal(f, FORMAT_SVG);
	assert_int_equal(format_of_file("locks.dot", &f), 0);
	assert_int_equal(f, FORMAT_DOT);
	assert_int_equal(format_parse("xml", &f), -EINVAL);
	assert_int_equal(format_of_file("/x/report.json", &f), 0);
	assert_int_equal(f, FORMAT_JSON);
	assert_int_equal(format_of_file("/x.json/report", &f), 0);
	assert_int_equal(f, FORMAT_TEXT);
	assert_int_equal(format_of_file("r.html", &f), -ENOSYS);
}

/* One fault in four processes: told once in text, four times in JSON. */
static void one_fault_in_many_processes(void **s)
{
	struct report_options o = {0};
	struct report *r;
	char *path[4], lines[4096], name[16], *text;

	(void)s;
	for (int i = 0; i < 4; i++) {
		snprintf(lines, sizeof(lines), PROCESS STACK RELOCK END, "/src", "/src");
		strstr(lines, ":7,")[1] = (char)('2' + i); /* its pid */
		snprintf(name, sizeof(name), "many%d.jsonl", i);
		path[i] = strdup(test_text(name, lines));
	}
	assert_int_equal(report_build(&r, path, 4, &o), 0);
	assert_int_equal(r->ndiags, 4);
	text = rendered(r, FORMAT_TEXT, false, false);
	if (!strstr(text, "in 4 processes: app (pid 2, exit status 0") ||
	    !strstr(text, ", and pid 3, 4, 5\n"))
		fail_msg("%s", text);
	free(text);
	report_free(r);
	for (int i = 0; i < 4; i++)
		free(path[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_keeps_the_contract),
	    cmocka_unit_test(one_fault_in_many_processes),
	    cmocka_unit_test(text_shows_verdict_source_and_coverage),
	    cmocka_unit_test(nothing_wrong_is_said_in_one_line_and_coverage),
	    cmocka_unit_test(hostile_words_do_not_reach_the_terminal),
	    cmocka_unit_test(suppressed_faults_are_counted_and_not_shown),
	    cmocka_unit_test(a_bad_suppression_file_is_refused),
	    cmocka_unit_test(times_count_from_the_earliest_process),
	    cmocka_unit_test(formats_are_known_planned_or_unknown),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
