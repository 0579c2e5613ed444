/* SPDX-License-Identifier: MIT */
/* The renderers behind report_render(). Private to render*.c. */
#ifndef REPORTER_RENDER_PRIV_H
#define REPORTER_RENDER_PRIV_H

#include "render.h"

int render_json(const struct report *r, FILE *to);
int render_dot(const struct report *r, FILE *to);
int render_svg(const struct report *r, FILE *to);
/* Who waited for whom when the processes were last seen; nothing if nobody did. */
void render_waits(const struct report *r, FILE *to, const struct render_options *o);
int render_text(const struct report *r, FILE *to, const struct render_options *o);

#endif
