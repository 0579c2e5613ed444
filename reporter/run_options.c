/* SPDX-License-Identifier: MIT */
/*
 * Options of `pitfall run`: see run_options.h. All that can be refused is refused before the
 * program starts. Reporter only, not signal-safe.
 */
#include "run_options.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

enum {
	OPT_REPORT = 256,
	OPT_TIMEOUT,
	OPT_DEADLOCK,
	OPT_SUPPRESSIONS,
	OPT_GEN,
	OPT_BASELINE,
	OPT_EXITCODE,
	OPT_STRICT,
	OPT_SETTING
};

static const struct option own_options[] = {
    {"report", required_argument, NULL, OPT_REPORT},
    {"format", required_argument, NULL, 'f'},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"on-deadlock", required_argument, NULL, OPT_DEADLOCK},
    {"suppressions", required_argument, NULL, OPT_SUPPRESSIONS},
    {"gen-suppressions", no_argument, NULL, OPT_GEN},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"error-exitcode", required_argument, NULL, OPT_EXITCODE},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"help", no_argument, NULL, 'h'},
};
#define OWN (sizeof(own_options) / sizeof(*own_options))

static const char help[] =
    "usage: pitfall run [options] [--] PROGRAM [ARG...]\n"
    "  -o, --output DIR         keep the trace there\n"
    "      --report FILE        report into FILE, its format by the extension (default: to "
    "standard error)\n"
    "  -f, --format FORMAT      text (default), json, dot or svg\n"
    "      --timeout SECS       end the program after SECS (TERM, 5 s later KILL) and report\n"
    "      --on-deadlock=WHAT   when no thread can ever go on: wait (default) or exit\n"
    "      --suppressions FILE  findings not to report\n"
    "      --gen-suppressions   print such a file for what is found, instead of the report\n"
    "      --baseline FILE      report only what is not in FILE, a JSON report of earlier\n"
    "      --error-exitcode N   exit with N if anything of severity error was found\n"
    "      --strict             exit with 125 if the program, a child or a rule went unobserved\n"
    "settings, also NAME=VALUE in PITFALL_OPTIONS (separated by ':'):\n";

static void usage(void)
{
	fputs(help, stdout);
#define S(name, type, preset, min, max, unit, meaning)                                             \
	printf("      --%s=%s\n            %s%s%s\n", #name, *preset ? preset : "…", meaning,      \
	       *unit ? ", " : "", unit);
#include "settings.def"
#undef S
	puts("exit status: the program's, 128+N if signal N killed it, 124 on --timeout, 125 if "
	     "pitfall failed,\n"
	     "126 if the program cannot be run, 127 if it is not found");
}

static int __attribute__((format(printf, 1, 2))) refuse(const char *fmt, ...)
{
	va_list ap;

	fputs("pitfall run: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return STATUS_FAILED;
}

/* Our options, then every setting, with '-' too where its name has '_'. `dashed` keeps those names.
 */
static void make_table(struct option *table, char dashed[SETTINGS][32])
{
	memcpy(table, own_options, sizeof(own_options));
	table += OWN;
	for (int i = 0; i < SETTINGS; i++) {
		const struct option o = {setting_name(i), required_argument, NULL, OPT_SETTING + i};

		*table++ = o;
		if (!strchr(o.name, '_'))
			continue;
		snprintf(dashed[i], sizeof(dashed[i]), "%s", o.name);
		for (char *p = dashed[i]; *p; p++)
			if (*p == '_')
				*p = '-';
		*table = o;
		table++->name = dashed[i];
	}
	*table = (struct option){0};
}

/* As timeout(1): a decimal number and s, m or h. */
static int parse_timeout(const char *text, double *out)
{
	char *end;
	double n = strtod(text, &end);

	if (end != text && (*end == 's' || *end == 'm' || *end == 'h') && !end[1])
		n *= *end == 'h' ? 3600 : *end == 'm' ? 60 : 1;
	else if (end == text || *end)
		return -EINVAL;
	*out = n;
	return n > 0 && n <= 1e9 ? 0 : -EINVAL;
}

static int parse_format(struct run_options *o, const char *name)
{
	int rc = format_parse(name, &o->format);

	if (rc)
		format_complain(name, rc);
	return rc ? STATUS_FAILED : -1;
}

static int take_option(struct run_options *o, int c, const char *arg, const char **format)
{
	char why[512], *end;
	long n;

	switch (c) {
	case 'h':
		usage();
		return 0;
	case 'f':
		*format = arg;
		return parse_format(o, arg);
	case OPT_REPORT:
		o->report = arg;
		return -1;
	case OPT_SUPPRESSIONS:
		o->suppressions = arg;
		return -1;
	case OPT_GEN:
		o->gen = true;
		return -1;
	case OPT_BASELINE:
		o->baseline = arg;
		return -1;
	case OPT_STRICT:
		o->strict = true;
		return -1;
	case OPT_TIMEOUT:
		return parse_timeout(arg, &o->timeout)
			   ? refuse("--timeout: '%s' is no number of seconds", arg)
			   : -1;
	case OPT_DEADLOCK:
		o->exit_on_deadlock = !strcmp(arg, "exit");
		return o->exit_on_deadlock || !strcmp(arg, "wait")
			   ? -1
			   : refuse("--on-deadlock: '%s' is neither wait nor exit", arg);
	case OPT_EXITCODE:
		n = strtol(arg, &end, 10);
		o->error_exitcode = (int)n;
		return *arg && !*end && n >= 0 && n <= 255
			   ? -1
			   : refuse("--error-exitcode: '%s' is no number from 0 to 255", arg);
	case 'o':
		c = OPT_SETTING + SETTING_output;
		break;
	}
	if (c < OPT_SETTING || c >= OPT_SETTING + SETTINGS)
		return STATUS_FAILED; /* getopt has said it */
	return setting_put(&o->set, c - OPT_SETTING, arg, SET_BY_USER, why, sizeof(why))
		   ? refuse("%s", why)
		   : -1;
}

static int check_report_file(struct run_options *o, const char *format)
{
	char dir[PATH_MAX];
	int rc;

	if (!o->report)
		return -1;
	if (!format) {
		rc = format_of_file(o->report, &o->format);
		if (rc) {
			format_complain(strrchr(o->report, '.') + 1, rc);
			return STATUS_FAILED;
		}
	}
	snprintf(dir, sizeof(dir), "%s", o->report);
	return access(dirname(dir), W_OK) ? refuse("--report %s: %s", o->report, strerror(errno))
					  : -1;
}

int run_options_parse(struct run_options *o, int argc, char **argv)
{
	struct option table[OWN + 2 * SETTINGS + 1];
	char dashed[SETTINGS][32], why[512];
	const char *env = getenv("PITFALL_OPTIONS"), *format = NULL;
	int c, rc = -1;

	*o = (struct run_options){.error_exitcode = -1, .format = FORMAT_TEXT};
	make_table(table, dashed);
	argv[0] = "pitfall run"; /* getopt's messages begin with it */
	while (rc < 0 && (c = getopt_long(argc, argv, "+o:f:h", table, NULL)) != -1)
		rc = take_option(o, c, optarg, &format);
	if (rc >= 0)
		return rc;
	rc = check_report_file(o, format);
	if (rc >= 0)
		return rc;
	if (o->gen)
		o->format = FORMAT_SUPPRESSIONS;
	if (report_check(
		&(struct report_options){.suppressions = o->suppressions, .baseline = o->baseline}))
		return STATUS_FAILED;
	if (env && settings_parse(&o->set, env, SET_BY_ENV, why, sizeof(why)))
		return refuse("PITFALL_OPTIONS: %s", why);
	setting_put(&o->set, SETTING_mode, "diagnose", SET_BY_RUN, why, sizeof(why));
	setting_put(&o->set, SETTING_keep, "yes", SET_BY_RUN, why, sizeof(why));
	if (optind >= argc)
		return refuse("no program given; see pitfall run --help");
	o->argv = argv + optind;
	return -1;
}
