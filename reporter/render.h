/* SPDX-License-Identifier: MIT */
/*
 * From a report to text for people or JSON for programs. No opinions here: wording about faults is
 * the rules'. Owns nothing; called from cmd_*.c.
 */
#ifndef REPORTER_RENDER_H
#define REPORTER_RENDER_H

#include <stdio.h>
#include "report.h"

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_DOT,
	FORMAT_SVG,
	FORMAT_SUPPRESSIONS /* no name: --gen-suppressions */
};

/* Needs report_options.pictures. */
bool format_is_picture(enum format f);

struct render_options {
	bool colour;  /* render_colour() decides */
	bool verbose; /* notes in full */
};

/* "text", "json", "dot", "svg". -EINVAL: no such format; -ENOSYS: one of those planned, not built
 * yet. */
int format_parse(const char *name, enum format *out);
/* By extension, .json, .dot or .svg; everything else is text. -ENOSYS for those not built yet. */
int format_of_file(const char *path, enum format *out);
/* One clear line about a format that format_parse() refused. */
void format_complain(const char *name, int err);

/* Colour only on a terminal, and not under NO_COLOR or TERM=dumb. */
bool render_colour(FILE *to);

/* 0 or -errno of the stream. */
int report_render(const struct report *r, enum format f, FILE *to, const struct render_options *o);
/* FILE NULL or "-": stdout. Written whole or not at all (a temporary beside it, then rename). */
int report_write(const struct report *r, enum format f, const char *file,
		 const struct render_options *o);

/* One diagnosis as text, for `run` while the program still runs. */
void render_diagnosis(const struct report *r, const struct diagnosis *d, FILE *to,
		      const struct render_options *o);
/* Frames as the text report shows them, with source lines where the source is there; INDENT columns
 * in. */
void render_frames(FILE *to, const struct frames *f, int indent, const struct render_options *o);
/* The JSON form of a stack and of a process's facts (new references), for `dump -f json`. */
json_t *frames_json(const struct frames *f);
json_t *facts_json(const struct process_facts *f);
/* "3.2 ms", "1 min 20 s": BUF is returned. */
const char *duration_text(u64 ns, char *buf, size_t size);

#endif
