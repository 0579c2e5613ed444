/* SPDX-License-Identifier: MIT */
/* The reader: what a trace holds reaches the model; truncated, binary, hostile files cost one clear
 * line each. */
#include <errno.h>
#include "util_test.h"
#include "jsonl.h"
#include "reader.h"
#include "report.h"

#define PROCESS                                                                                    \
	"{\"ev\":\"process\",\"v\":2,\"pid\":77,\"ppid\":1,\"exe\":\"/bin/"                        \
	"x\",\"comm\":\"x\",\"host\":\"h\","                                                       \
	"\"boot_id\":\"no-such-boot\",\"real\":5,\"mode\":\"audit\",\"nofile\":99,\"t\":1000,"     \
	"\"n\":1,\"th\":1}\n"
#define END_EXIT "{\"ev\":\"end\",\"how\":\"exit\",\"status\":3,\"t\":9000}\n"

static char said[8192];

/* Loads PATH; complaints land in `said`. */
static struct model_process *load(const char *path, int want)
{
	struct diag_out d = {.to = fmemopen(said, sizeof(said), "w")};
	struct model_process *p;

	memset(said, 0, sizeof(said));
	assert_int_equal(trace_load(&p, path, &d), want);
	fclose(d.to);
	return p;
}

static unsigned lines_said(void)
{
	unsigned n = 0;

	for (const char *c = said; *c; c++)
		n += *c == '\n';
	return n;
}

static void facts_and_rows_arrive(void **state)
{
	const char *path =
	    test_text("good.jsonl", PROCESS
		      "\n\n{\"ev\":\"module\",\"id\":1,\"bias\":4096,\"start\":4096,\"end\":8192,"
		      "\"path\":\"/bin/x\",\"build_id\":\"ab\"}\n"
		      "{\"ev\":\"thread\",\"serial\":2,\"tid\":78,\"name\":\"a name that is far "
		      "too long\",\"flags\":4}\n"
		      "{\"ev\":\"fd\",\"gen\":1,\"num\":7,\"open\":1,\"peer\":-1}\n"
		      "{\"ev\":\"live\",\"thread\":2,\"wait_call\":1,\"wait_fd\":-1}\n{\"ev\":"
		      "\"held\",\"thread\":2,\"addr\":64,\"mode\":1}\n"
		      "{\"ev\":\"stack\",\"id\":9,\"pcs\":[4100,18446744073709551615]}\n" END_EXIT);
	struct model_process *p = load(path, 0);

	(void)state;
	assert_string_equal(said, "");
	assert_int_equal(p->facts.pid, 77);
	assert_int_equal(p->head.nofile, 99);
	assert_int_equal(p->facts.ended, ENDED_EXIT);
	assert_int_equal(p->facts.status, 3);
	assert_int_equal(process_run_ns(p), 8000);
	assert_string_equal(process_thread(p, 2)->name, "a name that is ");
	assert_int_equal(process_fd(p, 7)->peer, -1);
	assert_null(process_fd(p, 8));
	assert_int_equal(process_live(p, 2)->held[0].addr, 64);
	assert_int_equal(process_live(p, 2)->nheld, 1);
	assert_int_equal(process_frames(p, 9)->n, 2);
	assert_string_equal(process_frames(p, 9)->f[0].module, "/bin/x");
	assert_null(process_frames(p, 9)->f[1].module);
	assert_int_equal(process_frames(p, 12345)->n, 0);
	process_free(p);
}

static void lines_under_way_are_counted(void **state)
{
	struct model_process *p =
	    load(test_text("torn.jsonl", PROCESS "\"ev\":\"misuse\",\"kind\"\n   \n" END_EXIT), 0);

	(void)state;
	assert_string_equal(said, "");
	assert_int_equal(p->facts.torn_lines, 2);
	process_free(p);
}

static void a_cut_line_costs_one_complaint(void **state)
{
	struct model_process *p = load(
	    test_text("cut.jsonl", PROCESS END_EXIT "{\"ev\":\"thread\",\"serial\":2,\"ti"), 0);

	(void)state;
	assert_int_equal(lines_said(), 1);
	assert_non_null(strstr(said, "cut.jsonl:3: the last line is cut short"));
	assert_int_equal(p->facts.ended, ENDED_EXIT);
	process_free(p);
}

static void damage_in_the_middle_is_named_and_the_rest_is_read(void **state)
{
	struct model_process *p = load(
	    test_text("mid.jsonl", PROCESS
		      "{\"ev\":}\n{\"n\":1}\n[1]\n{\"ev\":\"thread\",\"serial\":2}\n" END_EXIT),
	    0);

	(void)state;
	assert_int_equal(lines_said(), 2);
	assert_non_null(strstr(said, "mid.jsonl:2: not JSON"));
	assert_non_null(strstr(said, "mid.jsonl:3: no \"ev\""));
	assert_non_null(process_thread(p, 2));
	process_free(p);
}

static void nothing_readable_is_an_error_with_one_line(void **state)
{
	char binary[3000], zeros[4096] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(binary); i++)
		binary[i] = (char)(i * 37 + i / 7);
	for (size_t i = 0; i < sizeof(binary); i++)
		binary[i] = binary[i] == '{' ? 'x' : binary[i];
	load(test_text("empty.jsonl", ""), -ENODATA);
	assert_int_equal(lines_said(), 1);
	load(test_file("binary.jsonl", binary, sizeof(binary)), -ENODATA);
	assert_int_equal(lines_said(), 1);
	load(test_file("zeros.jsonl", zeros, sizeof(zeros)), -ENODATA);
	assert_int_equal(lines_said(), 1);
	load("/nonexistent.jsonl", -ENOENT);
	assert_int_equal(lines_said(), 1);
	load("/dev/zero", -EINVAL);
	assert_int_equal(lines_said(), 1);
	load(test_text("newer.jsonl", "{\"ev\":\"process\",\"v\":99}\n"), -ENODATA);
	assert_non_null(strstr(said, "newer.jsonl:1: trace version 99"));
}

static void hostile_lines_are_survived(void **state)
{
	size_t size = LINE_BYTES_MAX + 4096;
	char *text = malloc(size + 512);
	struct model_process *p;

	(void)state;
	/* a line past the limit, then a good one */
	memset(text, '[', size);
	text[0] = '{';
	strcpy(text + size, "\n" PROCESS END_EXIT);
	p = load(test_text("long.jsonl", text), 0);
	assert_non_null(strstr(said, "long.jsonl:1: line longer than"));
	assert_int_equal(p->facts.pid, 77);
	process_free(p);
	/* nesting, NULs, wrong types, numbers out of range, control characters */
	memset(text, '[', 500000);
	memcpy(text, "{\"ev\":", 6);
	strcpy(text + 500000, "\n");
	p = load(test_text("deep.jsonl", text), -ENODATA);
	assert_null(p);
	p = load(test_text("types.jsonl", PROCESS
			   "{\"ev\":\"thread\",\"serial\":\"x\",\"name\":7}\n"
			   "{\"ev\":\"fd\",\"gen\":-1,\"num\":-5,\"kind\":99999}\n{\"ev\":"
			   "\"deadlock\",\"ring\":{\"a\":1}}\n"
			   "{\"ev\":\"order\",\"edges\":[1,2,[]]}\n{\"ev\":\"misuse\",\"kind\":5}"
			   "\n{\"ev\":\"stack\",\"id\":4,\"frames\":[7,null]}\n"
			   "{\"ev\":\"sync\",\"serial\":1,\"kind\":4294967295,\"name\":\"\\u001b["
			   "31mred\"}\n{\"ev\":\"end\",\"how\":[],\"status\":{}}\n"),
		 0);
	assert_int_equal(process_sync(p, 1)->kind, SYNC_none);
	assert_null(strchr(process_sync(p, 1)->name, 0x1b));
	process_free(p);
	free(text);
}

static void how_it_ended_is_told(void **state)
{
	struct model_process *p;

	(void)state;
	p = load(test_text("k.jsonl", PROCESS), 0); /* of another boot: cannot be running */
	assert_int_equal(p->facts.ended, ENDED_KILLED);
	assert_false(p->facts.has_status);
	process_free(p);
	p = load(
	    test_text("s.jsonl", PROCESS "{\"ev\":\"end\",\"how\":\"signal\",\"status\":11}\n"), 0);
	assert_int_equal(p->facts.ended, ENDED_SIGNAL);
	assert_int_equal(p->facts.status, 11);
	process_free(p);
	p = load(test_text("x.jsonl",
			   PROCESS "{\"ev\":\"exec\",\"path\":\"/"
				   "x\",\"err\":\"\"}\n{\"ev\":\"end\",\"how\":\"exec\"}\n"),
		 0);
	assert_int_equal(p->facts.ended, ENDED_EXEC);
	process_free(p);
	p = load(test_text("f.jsonl", PROCESS "{\"ev\":\"end\",\"how\":\"exec\"}\n{\"ev\":\"exec\","
					      "\"path\":\"/x\",\"err\":\"ENOENT\"}\n" END_EXIT),
		 0);
	assert_int_equal(p->facts.ended, ENDED_EXIT);
	process_free(p);
}

/* This very process, by its pid and start time: running. */
static void a_living_process_is_running(void **state)
{
	struct model_process *p;
	char text[512], boot[64] = "";
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct timespec now;

	(void)state;
	if (!in || !fgets(boot, sizeof(boot), in))
		skip();
	fclose(in);
	boot[strcspn(boot, "\n")] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text),
		 "{\"ev\":\"process\",\"v\":2,\"pid\":%d,\"exe\":\"/bin/"
		 "x\",\"boot_id\":\"%s\",\"t\":%lld}\n",
		 getpid(), boot, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	p = load(test_text("alive.jsonl", text), 0);
	assert_int_equal(p->facts.ended, ENDED_RUNNING);
	process_free(p);
}

static void a_directory_gives_all_its_processes(void **state)
{
	char dir[128], cmd[512], *path = dir;
	struct diag_out quiet = {0};
	struct report_options o = {.out = &quiet};
	struct st_header *h = test_state(sizeof(*h));
	struct report *r;

	(void)state;
	test_text("pair.jsonl", PROCESS END_EXIT);
	test_file("pair.state", h, sizeof(*h));
	test_file("alone.state", h, sizeof(*h));
	test_text("bad.jsonl", "");
	test_text("index.jsonl", "{\"ev\":\"clean\",\"v\":2,\"pid\":5,\"exe\":\"/bin/"
				 "a\",\"how\":\"exit\",\"status\":0}\n"
				 "{\"ev\":\"clean\",\"v\":2,\"pid\":6,\"exe\":\"/bin/"
				 "b\",\"how\":\"signal\",\"status\":15}\n");
	snprintf(dir, sizeof(dir), "%s/all", test_dir);
	snprintf(
	    cmd, sizeof(cmd),
	    "mkdir %s && cd %s && mv pair.jsonl pair.state alone.state bad.jsonl index.jsonl all/",
	    dir, test_dir);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(report_build(&r, &path, 1, &o), 0);
	assert_int_equal(r->nprocesses, 4); /* pair, alone, two of the index */
	assert_int_equal(quiet.said, 1);    /* bad */
	report_free(r);
	snprintf(cmd, sizeof(cmd), "mkdir %s/none", test_dir);
	assert_int_equal(system(cmd), 0);
	snprintf(dir, sizeof(dir), "%s/none", test_dir);
	assert_int_equal(report_build(&r, &path, 1, &o), -ENODATA);
	free(h);
}

static void a_clean_process_is_one_line(void **state)
{
	char *path =
	    (char *)test_text("index.jsonl", "{\"ev\":\"clean\",\"pid\":1476,\"ppid\":3,\"name\":"
					     "\"my-app-1476-3822bc\",\"ran\":206467}\n"
					     "{\"ev\":\"end\"}\nnot JSON\n");
	struct diag_out quiet = {0};
	struct report_options o = {.out = &quiet};
	struct report *r;

	(void)state;
	assert_int_equal(report_build(&r, &path, 1, &o), 0);
	assert_int_equal(r->nprocesses, 1);
	assert_int_equal(quiet.said, 1);
	assert_int_equal(r->process[0].pid, 1476);
	assert_string_equal(r->process[0].program, "my-app");
	assert_int_equal(r->process[0].ended, ENDED_EXIT);
	assert_false(r->process[0].has_status);
	report_free(r);
}

static void any_prefix_and_any_flipped_byte_is_survived(void **state)
{
	static const char text[] = PROCESS
	    "{\"ev\":\"stack\",\"id\":1,\"pcs\":[4100,4200]}\n"
	    "{\"ev\":\"deadlock\",\"ring\":[{\"thread\":1,\"wait\":\"mutex_lock\",\"obj\":1,\"wait_"
	    "stack\":1},{\"thread\":2,\"wait\":\"join\",\"obj\":1}],\"t\":5}\n" END_EXIT;
	char copy[sizeof(text)];
	u64 seed = 88172645463325252ull;
	unsigned reports = 0;

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(text); i++) {
		struct diag_out quiet = {0};
		struct report_options o = {.out = &quiet};
		struct report *r;
		char *path;

		memcpy(copy, text, sizeof(text));
		if (i >= sizeof(text)) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			copy[(seed >> 33) % (sizeof(text) - 1)] ^= (char)(1 << (seed >> 61));
		}
		path = (char *)test_file("m.jsonl", copy, i < sizeof(text) ? i : sizeof(text) - 1);
		if (report_build(&r, &path, 1, &o) == 0) {
			reports++;
			report_free(r);
		}
	}
	assert_true(reports > sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts_and_rows_arrive),
	    cmocka_unit_test(lines_under_way_are_counted),
	    cmocka_unit_test(a_cut_line_costs_one_complaint),
	    cmocka_unit_test(damage_in_the_middle_is_named_and_the_rest_is_read),
	    cmocka_unit_test(nothing_readable_is_an_error_with_one_line),
	    cmocka_unit_test(hostile_lines_are_survived),
	    cmocka_unit_test(how_it_ended_is_told),
	    cmocka_unit_test(a_living_process_is_running),
	    cmocka_unit_test(a_directory_gives_all_its_processes),
	    cmocka_unit_test(a_clean_process_is_one_line),
	    cmocka_unit_test(any_prefix_and_any_flipped_byte_is_survived),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
