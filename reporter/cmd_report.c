/* SPDX-License-Identifier: MIT */
/*
 * `pitfall report`: traces in, a report out. Owns its options; called from main.c.
 * Exit status: 0; N of --error-exitcode if an error was found; 125 for bad usage, a format that is
 * not there, or if nothing at all could be read (what could be read of damaged traces is reported,
 * with status 0).
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cmd.h"
#include "render.h"

struct report_args {
	enum format format;
	bool format_set, gen;
	const char *output;
	int error_status;
	struct report_options build;
	struct render_options render;
};

static const char usage[] =
    "Usage: pitfall report [OPTION]... TRACE...\n"
    "Reads traces (files, or directories of them) and says what is wrong in the programs that left "
    "them.\n"
    "  -f, --format FORMAT       text (default), json, dot or svg; or by the extension of FILE\n"
    "  -o, --output FILE         write there instead of standard output\n"
    "  -v, --verbose             notes in full\n"
    "      --suppressions FILE   known faults not to report: lines of rule=, function=, file=, "
    "module= with globs\n"
    "      --gen-suppressions    print such lines for what is found, instead of the report\n"
    "      --baseline FILE       report only what is not in FILE, a JSON report of earlier\n"
    "      --error-exitcode N    exit with N if anything of severity error was found\n"
    "      --help\n"
    "Exit status: 0, N, or 125 if nothing could be read or the options are wrong.\n";

static int parse_status(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!*text || *end || n < 0 || n > 255) {
		fprintf(stderr, "pitfall report: --error-exitcode: '%s' is no status (0 to 255)\n",
			text);
		return -1;
	}
	return (int)n;
}

/* 0 go on, 1 done (help), -1 wrong. */
static int parse(struct report_args *a, int argc, char **argv)
{
	enum { OPT_SUPPRESSIONS = 256, OPT_GEN, OPT_BASELINE, OPT_ERROR, OPT_HELP };
	static const struct option options[] = {
	    {"format", required_argument, NULL, 'f'},
	    {"output", required_argument, NULL, 'o'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"suppressions", required_argument, NULL, OPT_SUPPRESSIONS},
	    {"gen-suppressions", no_argument, NULL, OPT_GEN},
	    {"baseline", required_argument, NULL, OPT_BASELINE},
	    {"error-exitcode", required_argument, NULL, OPT_ERROR},
	    {"help", no_argument, NULL, OPT_HELP},
	    {0}};
	int c, rc;

	optind = 0; /* getopt_long starts anew, whatever main() did */
	while ((c = getopt_long(argc, argv, "f:o:v", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			rc = format_parse(optarg, &a->format);
			if (rc) {
				format_complain(optarg, rc);
				return -1;
			}
			a->format_set = true;
			break;
		case 'o':
			a->output = optarg;
			break;
		case 'v':
			a->render.verbose = true;
			break;
		case OPT_SUPPRESSIONS:
			a->build.suppressions = optarg;
			break;
		case OPT_GEN:
			a->gen = true;
			break;
		case OPT_BASELINE:
			a->build.baseline = optarg;
			break;
		case OPT_ERROR:
			a->error_status = parse_status(optarg);
			if (a->error_status < 0)
				return -1;
			break;
		case OPT_HELP:
			fputs(usage, stdout);
			return 1;
		default:
			return -1;
		}
	}
	return 0;
}

static int settle(struct report_args *a, int argc)
{
	int rc = 0;

	if (optind >= argc) {
		fprintf(stderr, "pitfall report: no trace given (pitfall report --help)\n");
		return -1;
	}
	if (a->output && !a->format_set)
		rc = format_of_file(a->output, &a->format);
	if (rc) {
		format_complain(strrchr(a->output, '.') + 1, rc);
		return -1;
	}
	if (a->gen)
		a->format = FORMAT_SUPPRESSIONS;
	a->build.pictures = format_is_picture(a->format);
	a->render.colour = !a->output && render_colour(stdout);
	a->build.progress = true;
	return 0;
}

int cmd_report(int argc, char **argv)
{
	struct report_args a = {.format = FORMAT_TEXT};
	struct report *r;
	int rc = parse(&a, argc, argv), status;

	if (rc)
		return rc > 0 ? 0 : STATUS_FAILED;
	if (settle(&a, argc))
		return STATUS_FAILED;
	rc = report_build(&r, argv + optind, argc - optind, &a.build);
	if (rc == -ENODATA)
		fprintf(stderr, "pitfall report: nothing could be read\n");
	else if (rc && rc != -EINVAL)
		fprintf(stderr, "pitfall report: %s\n", strerror(-rc));
	if (rc)
		return STATUS_FAILED;
	rc = report_write(r, a.format, a.output, &a.render);
	if (rc)
		fprintf(stderr, "pitfall report: %s: %s\n", a.output ? a.output : "standard output",
			strerror(-rc));
	status = rc ? STATUS_FAILED : r->errors ? a.error_status : 0;
	report_free(r);
	return status;
}
