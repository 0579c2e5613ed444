/* SPDX-License-Identifier: MIT */
/*
 * 29 unbounded-blocking-threads: round after round of threads that all block in the same call.
 * Evidence: the rounds of a birth site, as the preload counted them at births (site.round*, climb,
 * blocked), and what its living threads wait for. Pure; called by report.c.
 */
#include "crowd.h"

#define CLIMBS 3u /* rounds in a row that began with more alive than the one before */
#define LEVEL  3u /* so many rounds at one height: something holds it there */

const struct rule_text text_blocking_crowd = {
    .means =
	"A thread is started for each call, round after round, and all of them block in the same "
	"slow call. Nothing limits how many: when the callee slows down, threads pile up until "
	"memory, the kernel's limit or the callee gives in.",
    .evidence = "Threads of one place in rounds (runs of births with pauses between); 32 or more "
		"alive at once (setting crowd); three rounds in a row that began with more alive "
		"than the one before; three quarters of the living blocked at one call site, in a "
		"call that waits for something outside of the process.",
    .silent = "Rounds that are done before the next begins; a number that levels off; a semaphore "
	      "or condition variable in front, by which ended threads let the next be started; "
	      "threads that serve a client's descriptor themselves or take work from a queue; "
	      "threads that a system library starts. Where the request was answered before, "
	      "thread-outlives-request speaks.",
    .fix = "Take a semaphore before each start and post it when the call is done, or let a fixed "
	   "pool take the calls from a queue; give the call a time limit.",
    .example = "for (;;) {\n"
	       "        for (int i = 0; i < n; i++)\n"
	       "                pthread_create(&t, &detached, slow_call, host[i]);\n"
	       "        sleep(interval);     /* those of the rounds before still wait */\n"
	       "}\n",
};

enum { ROLE_SYNC = 1, ROLE_SENDS = 1, ROLE_RECEIVES = 2 };

/* Ended threads of the site wake the creator by it, or it was made with room for some. */
static bool is_gate(const struct model_process *p, const struct st_site *s,
		    const struct st_role *wait)
{
	const struct st_sync *o = process_sync(p, wait->obj);

	if (!o || (o->kind != SYNC_sem && o->kind != SYNC_cond))
		return false;
	if (o->kind == SYNC_sem && o->value > 1)
		return true;
	if (wait->obj != s->gate)
		return false; /* waited for after the last start: a wait group */
	FOR_EACH_ROW(p, role, r)
	{
		const struct st_thread *t = process_thread(p, r->thread);

		if (r->kind == ROLE_SYNC && r->obj == wait->obj && r->role & ROLE_SENDS &&
		    r->thread != wait->thread && (!t || t->stack == s->stack))
			return true;
	}
	return false;
}

static bool has_limit(const struct model_process *p, const struct st_site *s)
{
	FOR_EACH_ROW(p, role, r)
	if (r->kind == ROLE_SYNC && r->role & ROLE_RECEIVES &&
	    (r->thread == s->round_by || r->thread == s->thread) && is_gate(p, s, r))
		return true;
	return false;
}

static bool climbs(const struct st_site *s)
{
	return s->kind == SITE_thread && s->flags & XF_CROWD && s->climb_most >= CLIMBS &&
	       s->level < LEVEL;
}

struct blocked {
	u32 n, of, call;
	u64 pc;
	const struct st_thread *one; /* a living one, NULL: they have ended */
};

/* Three quarters at one place, now or as a round began. */
static bool blocked_of(struct blocked *b, const struct model_process *p, const struct crowd *c,
		       const struct st_site *s)
{
	*b = (struct blocked){.of = c->n};
	if (c->n)
		b->one = crowd_place(p, c, &b->n);
	if (b->one && b->n * 4 >= b->of * 3 && b->n >= s->blocked) {
		b->call = crowd_live(p, b->one)->wait_call;
		b->pc = crowd_live(p, b->one)->wait_pc;
		return b->n >= CLIMBS;
	}
	*b = (struct blocked){s->blocked, s->blocked_of, s->blocked_call, s->blocked_pc, NULL};
	return b->n && b->n * 4 >= b->of * 3;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct st_site *s,
		const struct blocked *b)
{
	const char *place = say_place(p, s->stack),
		   *at = say_frame(frames_program(process_frames_pc(p, b->pc)));
	u32 rounds = s->rounds + 1, most = s->round > s->round_most ? s->round : s->round_most;

	diag_title(d, "Up to %u threads from %s at once, blocked in %s() in %s", s->peak, place,
		   call_name(b->call), at);
	diag_what(d,
		  "%s started %u threads in %u rounds, up to %u in a round, without waiting for "
		  "those of the rounds before: %u rounds in a row began with more of them alive "
		  "than the one before, and %u were alive at once. %u of %u were blocked in the "
		  "same call, %s() in %s.",
		  place, s->made, rounds, most, s->climb_most, s->peak, b->n, b->of,
		  call_name(b->call), at);
	diag_why(d, "Nothing in front of the start limits their number. Each blocked call keeps a "
		    "thread and its stack; when the call gets slower, or the rounds quicker, they "
		    "pile up until threads or memory run out.");
	diag_fix(d,
		 "Take a semaphore before each start and post it when the call is done, or let "
		 "a fixed pool take the calls from a queue; give %s() a time limit.",
		 call_name(b->call));
}

static void judge(const struct model_process *p, struct findings *out, const struct crowd *c,
		  const struct st_site *s)
{
	struct blocked b;
	struct diagnosis *d;

	if (frames_of_library(p, process_frames(p, s->stack)) || has_limit(p, s) ||
	    !blocked_of(&b, p, c, s))
		return;
	d = diag_new(out, SEV_WARNING, CONF_LIKELY);
	say(d, p, s, &b);
	diag_count(d, s->peak);
	diag_role(d, s->stack);
	diag_about(d, ABOUT_SITE, s->serial);
	diag_evidence(d, s->last, s->round_by, s->stack, "the last of %u was started here",
		      s->made);
	if (b.one && crowd_live(p, b.one)->wait_stack)
		diag_evidence(d, crowd_since(b.one, crowd_live(p, b.one)), b.one->serial,
			      crowd_live(p, b.one)->wait_stack,
			      "%u of %u were blocked in %s() here", b.n, b.of, call_name(b.call));
	else
		diag_evidence_pc(d, b.one ? crowd_since(b.one, crowd_live(p, b.one)) : 0,
				 b.one ? b.one->serial : 0, b.pc,
				 "%u of %u were blocked in %s() here", b.n, b.of,
				 call_name(b.call));
	FOR_EACH_ROW(p, thread, t)
	if (t->stack == s->stack) {
		diag_thread(d, t->serial);
		crowd_about(d, p, t);
	}
}

static void with_living(const struct model_process *p, struct findings *out, const struct crowd *c)
{
	if (c->site && climbs(c->site))
		judge(p, out, c, c->site);
}

static bool has_living(const struct model_process *p, const struct st_site *s)
{
	FOR_EACH_ROW(p, thread, t)
	if (t->stack == s->stack && crowd_live(p, t))
		return true;
	return false;
}

void rule_blocking_crowd(const struct model_process *p, struct findings *out)
{
	static const struct crowd nobody;

	crowd_each(p, out, with_living);
	FOR_EACH_ROW(p, site, s)
	if (climbs(s) && !has_living(p, s))
		judge(p, out, &nobody, s);
}
