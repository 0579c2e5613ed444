/* SPDX-License-Identifier: MIT */
/*
 * descriptor-exhaustion: the limit of open descriptors was hit, or is near. Evidence: `exhausted`
 * events, counts of the header and of birth sites. Pure; called by report.c.
 */
#include "rule.h"

#define SOON_NS 3600000000000u /* the limit is reached within an hour at this rate */
#define PLACES	3

const struct rule_text text_descriptor_exhaustion = {
    .means = "The process has as many descriptors open as it may (or nearly so). Opening files, "
	     "accepting connections and starting "
	     "programs fails in all its threads until some are closed.",
    .evidence = "A call that failed with EMFILE or ENFILE (an error, whether the program copes "
		"with it or not); or a peak of 90 % of "
		"RLIMIT_NOFILE; or growth that reaches the limit within an hour. Which places hold "
		"most of them.",
    .silent = "A limit that the program itself set to nothing (a sandbox).",
    .fix = "Find the place that holds most of them and close what is done with; where so many are "
	   "really needed, raise the limit "
	   "(LimitNOFILE= in a unit file) and bound what is accepted at once.",
    .example = "for (;;) {\n        int c = accept(listener, NULL, NULL);   /* EMFILE: nobody "
	       "closes */\n        serve(c);\n}\n",
};

/* ns until the limit at the rate of the growing sites, 0: not in sight. */
static u64 time_left(const struct model_process *p)
{
	double rate = 0;

	FOR_EACH_ROW(p, site, s)
	if (s->kind == SITE_fd && s->flags & XF_GROWING && s->made > s->gone && s->last > s->first)
		rate += (double)(s->made - s->gone) / (double)(s->last - s->first);
	if (rate <= 0 || p->head.nofile <= p->head.fds_open)
		return 0;
	return (u64)((double)(p->head.nofile - p->head.fds_open) / rate) + 1;
}

/* The site with the highest peak below that of `after` (NULL: any); ties by row. */
static const struct st_site *next_place(const struct model_process *p, const struct st_site *after)
{
	const struct st_site *best = NULL;

	FOR_EACH_ROW(p, site, s)
	if (s->kind == SITE_fd && s->peak &&
	    (!after || s->peak < after->peak || (s->peak == after->peak && s > after)) &&
	    (!best || s->peak > best->peak))
		best = s;
	return best;
}

/* Those that hold most, as long as they hold something to speak of. */
static void places(struct diagnosis *d, const struct model_process *p)
{
	const struct st_site *first = next_place(p, NULL), *s = first;

	for (int i = 0; s && i < PLACES && s->peak * 10 >= first->peak; i++, s = next_place(p, s))
		diag_evidence(d, s->first, s->thread, s->stack,
			      "%s here: %u at once at most, %u in all, %u not closed%s",
			      i ? "and" : "most were opened", s->peak, s->made, s->made - s->gone,
			      s->flags & XF_GROWING ? "; their number keeps growing" : "");
	if (!first)
		return;
	diag_role(d, first->stack);
	if ((d && d->severity == SEV_ERROR) ||
	    !(first->flags & XF_GROWING)) /* else the leak is told, too */
		diag_about(d, ABOUT_SITE, first->serial);
}

static void failed(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	u64 limit = event_int(e, "limit"), live = event_int(e, "live");
	u32 stack = (u32)event_int(e, "stack");
	const char *err = *event_str(e, "err") ? event_str(e, "err") : "EMFILE";
	struct diagnosis *d;

	if (err[0] == 'E' && err[1] == 'M' && limit < 8)
		return; /* a sandbox: it wants no descriptor at all */
	d = diag_new(out, SEV_ERROR, CONF_CERTAIN);
	diag_title(d, "%s could not open a descriptor: %s with %llu of %llu open",
		   say_place(p, stack), err, (unsigned long long)live, (unsigned long long)limit);
	diag_what(
	    d, "A call in %s failed with %s; %llu descriptors were known open, the limit is %llu.",
	    say_place(p, stack), err, (unsigned long long)live, (unsigned long long)limit);
	diag_why(d,
		 "While it lasts, every open, accept, socket, pipe and dup of the process fails.");
	diag_fix(d, "Close what is done with in the place that holds most of them; if so many are "
		    "needed, raise RLIMIT_NOFILE.");
	diag_evidence(d, e->t, e->thread, stack, "%s here", err);
	diag_thread(d, e->thread);
	places(d, p);
}

static void near(const struct model_process *p, struct findings *out)
{
	u64 left = time_left(p);
	bool high = (u64)p->head.fds_peak * 10 >= (u64)p->head.nofile * 9;
	struct diagnosis *d;

	if (p->head.nofile < 8 || !p->head.fds_peak || (!high && (!left || left > SOON_NS)))
		return;
	d = diag_new(out, SEV_WARNING, high ? CONF_CERTAIN : CONF_LIKELY);
	if (high)
		diag_title(d, "up to %u of %u descriptors were open at once", p->head.fds_peak,
			   p->head.nofile);
	else
		diag_title(
		    d, "descriptors run out in %s: %u of %u are open, and more each time we looked",
		    say_time(left), p->head.fds_open, p->head.nofile);
	diag_what(d,
		  "The process had up to %u descriptors open at once, %u %s; its limit "
		  "(RLIMIT_NOFILE) is %u.",
		  p->head.fds_peak, p->head.fds_open,
		  p->facts.ended == ENDED_RUNNING ? "now" : "at the end", p->head.nofile);
	if (left)
		diag_why(d,
			 "Their number keeps growing: at this rate the limit %s in %s. "
			 "Then every open and accept fails.",
			 p->facts.ended == ENDED_RUNNING ? "is reached" : "would have been reached",
			 say_time(left));
	else
		diag_why(d, "Past the limit every open, accept, socket and pipe of the process "
			    "fails with EMFILE.");
	diag_fix(d, "Close what is done with in the place that holds most of them; if so many are "
		    "needed, raise RLIMIT_NOFILE.");
	places(d, p);
}

void rule_descriptor_exhaustion(const struct model_process *p, struct findings *out)
{
	bool hit = false;

	FOR_EACH_EVENT(p, "exhausted", e)
	{
		if (event_str(e, "what")[0] != 'f')
			continue;
		hit = true;
		failed(p, out, e);
	}
	if (!hit)
		near(p, out);
}
