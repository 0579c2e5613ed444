/* SPDX-License-Identifier: MIT */
/*
 * 12 deferred-close-in-loop: a loop opens one thing after another and closes none of them before
 * its end. Evidence: the counts of a birth site of descriptors. Pure; called by report.c.
 */
#include "rule.h"

#define NOTE_PEAK  16u /* fewer open at once are not worth a word */
#define PEAK	   64u
#define PEAK_SHARE 10u /* of RLIMIT_NOFILE: a tenth */

const struct rule_text text_deferred_close = {
    .means = "A loop opens a file (or directory, socket …) in every round, uses it, and goes on to "
	     "the next while "
	     "all of them stay open until the function ends. What is open at once then grows with "
	     "the size of "
	     "the input, until the limit of descriptors is reached and open() fails with EMFILE.",
    .evidence =
	"The openings of one place by one thread; each was used only before the next was opened; "
	"none was "
	"closed while it was the newest; all were closed one after another at the end, or never "
	"because the "
	"loop failed first. EMFILE or ENFILE makes it an error; 64 open at once and a tenth of "
	"RLIMIT_NOFILE a warning; less is a note.",
    .silent = "Each is closed before the next is opened; earlier ones are used again after later "
	      "ones were opened "
	      "(a merge of sorted files, listeners, a connection table); descriptors that sit in a "
	      "poll set.",
    .fix = "Close each descriptor in the round that opened it; a function for the body of the loop "
	   "makes that easy.",
    .example = "for (i = 0; i < n; i++) {\n"
	       "        fd[i] = open(name[i], O_RDONLY);\n"
	       "        sum += checksum(fd[i]);         /* last use */\n"
	       "}                                       /* n descriptors are open here */\n"
	       "while (i-- > 0)\n"
	       "        close(fd[i]);                   /* belongs into the loop above */\n",
};

struct uses { /* of the descriptors of a site that still have their row */
	u32 rows, polled, visible, streams;
	const struct st_fd *first, *closed;
};

static struct uses uses_of(const struct model_process *p, const struct st_site *s)
{
	struct uses u = {0};

	FOR_EACH_ROW(p, fd, f)
	{
		if (f->stack != s->stack)
			continue;
		u.rows++;
		u.polled += (f->flags & (FF_POLLED | FF_LISTEN | FF_INHERITED)) != 0;
		u.visible += f->reads + f->writes > 0;
		u.streams += (f->flags & FF_STREAM) != 0;
		if (!u.first)
			u.first = f;
		if (!f->open && f->closed_stack && !u.closed)
			u.closed = f;
	}
	return u;
}

/* Opened one after another, closed late and all together, or not at all because the loop failed. */
static bool is_late_batch(const struct st_site *s)
{
	if (s->flags & XF_MANY_THREADS || s->used_late * 20 > s->made)
		return false;
	if (s->gone_newest * 4 > s->made)
		return false; /* mostly closed in the round that opened them */
	return s->batch * 2 >= s->peak || (s->failed && s->gone * 4 <= s->made);
}

/* The call that failed for want of descriptors, if this site is to blame. */
static const struct model_event *exhausted_by(const struct model_process *p,
					      const struct st_site *s)
{
	const struct model_event *found = NULL;

	FOR_EACH_EVENT(p, "exhausted", e)
	{
		bool here = event_int(e, "stack") == s->stack;
		u64 limit = event_int(e, "limit");

		if (event_str(e, "what")[0] != 'f')
			continue;
		if (here || (limit && (u64)s->peak * 2 >= limit))
			found = !found || here ? e : found;
	}
	return found;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct st_site *s,
		const struct uses *u, const struct model_event *e)
{
	u32 limit = p->head.nofile;
	const char *kind = u->first ? fd_kind_name(u->first->kind) : "descriptor";

	diag_title(d,
		   "%s keeps up to %u of the process's %u descriptors open until its loop is done",
		   say_place(p, s->stack), s->peak, limit);
	diag_what(d,
		  "%s %s was opened %u times at one place by one thread; each was last used before "
		  "the next was "
		  "opened, yet up to %u were open at once and %s.",
		  kind[0] == 'e' || kind[0] == 'i' ? "An" : "A", kind, s->made, s->peak,
		  s->gone ? "they were closed together afterwards" : "none was closed");
	if (s->failed || e)
		diag_why(d,
			 "RLIMIT_NOFILE is %u; %s failed with %s, and so does any open, accept or "
			 "socket elsewhere in the "
			 "process meanwhile.",
			 limit, s->failed ? "opening here" : "another opening",
			 e && *event_str(e, "err") ? event_str(e, "err")
						   : "EMFILE (too many open files)");
	else
		diag_why(
		    d,
		    "How many are open at once grows with the input; RLIMIT_NOFILE is %u, and past "
		    "it every open, "
		    "accept and socket in the process fails with EMFILE (too many open files).",
		    limit);
	diag_fix(d, "Close each one in the round that opened it, when it was last used%s.",
		 u->closed ? ", instead of in the loop that closes them all" : "");
	diag_evidence(d, s->first, s->thread, s->stack,
		      "%u opened here, at most %u at once; limit %u", s->made, s->peak, limit);
	if (e)
		diag_evidence(d, e->t, e->thread, (u32)event_int(e, "stack"),
			      "%s with %llu known open, limit %llu", event_str(e, "err"),
			      (unsigned long long)event_int(e, "live"),
			      (unsigned long long)event_int(e, "limit"));
	else if (s->failed)
		diag_evidence(d, s->last, s->thread, s->stack, "%u openings failed (EMFILE) here",
			      s->failed);
	if (u->closed)
		diag_evidence(d, u->closed->closed, u->closed->closed_by, u->closed->closed_stack,
			      "closed here; %u in a row without an opening between", s->batch);
}

static void judge(const struct model_process *p, struct findings *out, const struct st_site *s)
{
	struct uses u = uses_of(p, s);
	const struct model_event *e;
	enum severity severity = SEV_NOTE;
	enum confidence sure = s->returned ? CONF_LIKELY : CONF_CERTAIN;
	struct diagnosis *d;

	if (u.polled || !is_late_batch(s))
		return;
	e = exhausted_by(p, s);
	if (s->failed || e)
		severity = SEV_ERROR;
	else if (s->peak >= PEAK && (u64)s->peak * PEAK_SHARE >= p->head.nofile)
		severity = SEV_WARNING;
	if (u.streams && !u.visible)
		sure = CONF_SUSPECTED; /* stdio read behind our back: which were used late is not
					  known */
	d = diag_new(out, severity, sure);
	say(d, p, s, &u, e);
	if (u.first)
		diag_fd(d, u.first);
	diag_thread(d, s->thread);
	diag_role(d, s->stack);
	diag_about(d, ABOUT_SITE, s->serial);
	FOR_EACH_ROW(p, fd, f)
	if (f->stack == s->stack)
		diag_about(d, ABOUT_FD, (u64)f->num);
}

void rule_deferred_close(const struct model_process *p, struct findings *out)
{
	FOR_EACH_ROW(p, site, s)
	{
		if (s->kind != SITE_fd || s->sub == FDK_timerfd || s->flags & XF_LIBRARY)
			continue;
		if (s->peak >= NOTE_PEAK)
			judge(p, out, s);
	}
}
