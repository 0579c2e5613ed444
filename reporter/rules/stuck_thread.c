/* SPDX-License-Identifier: MIT */
/*
 * stuck-thread: a thread waits and nobody is left who could wake it. Evidence: its wait, who used
 * to end such waits and what became of them, who waits for the thread (wake.h). One diagnosis for
 * all that hangs on one object; one for the whole process where all of it is stuck. Pure.
 */
#include "stuck.h"

const struct rule_text text_stuck_thread = {
    .means =
	"A thread waits without a time limit for something that only another thread could do, "
	"and everybody who could has ended or is stuck in the same way. It waits for ever, and "
	"so does whoever waits for it.",
    .evidence =
	"The wait; the threads that used to post, signal, write or read there and how each "
	"of them ended or got stuck; who waits for the thread. Certain where the whole "
	"process is stuck and no handler, timer or other process could help; likely where "
	"all who ever had to do with the object are gone and somebody waits for the waiter.",
    .silent = "Workers that idle while somebody lives who could give them work; waits with a time "
	      "limit; threads that wait for signals, sockets, terminals or children; descriptors "
	      "whose other end another process holds; objects shared between processes; whatever "
	      "a handler or a timer has woken before.",
    .fix = "Make sure that whoever has to wake others does so on every way out, error paths "
	   "included; close queues when their last sender ends, so that the receivers come to an "
	   "end.",
    .example =
	"void *reader(void *arg) { if (open_input() < 0) return NULL; … sem_post(&ready); }\n"
	"sem_wait(&ready);            /* waits for ever when the reader gave up early */\n",
};

static const char *fix_of(const struct wake_thread *t)
{
	switch (t->kind) {
	case WAKE_LOCK:
		return "Release the lock on every way out of the thread, a cancellation included "
		       "(pthread_cleanup_push), or make it a robust one.";
	case WAKE_FD:
		return t->role == 1
			   ? "Close the writing end here as soon as whoever writes has it or is "
			     "done: a read sees the end only when no copy of it is left open."
			   : "Keep somebody reading until the writer is done, or close the reading "
			     "end, so that the write fails instead of waiting.";
	case WAKE_MQ:
		return "Send a last message that says so before the last sender ends, or wait with "
		       "a "
		       "time limit (mq_timedreceive, mq_timedsend).";
	case WAKE_OBJECT:
		break;
	default:
		return "Let whoever wakes others do so on every way out.";
	}
	if (t->call == CALL_barrier_wait)
		return "Let as many threads come as the barrier counts: whoever cannot must still "
		       "come, "
		       "or the barrier be made for fewer.";
	if (t->call == CALL_cond_wait)
		return "Set what is waited for under the mutex and signal on every way out of "
		       "whoever has "
		       "to, error paths included; let the waiter look at it in a loop.";
	return "Post the semaphore on every way out of whoever has to, error paths included; or "
	       "tell the "
	       "waiter to stop before the last one that posts it ends.";
}

static void say_what(struct diagnosis *d, const struct wake *k, const struct wake_thread *t,
		     bool all)
{
	bool any = false;
	const char *since = t->since && k->seen > t->since ? say_time(k->seen - t->since) : NULL;

	for (u32 i = t->party; i < t->party + t->nparties; i++)
		any |= k->party[i].how == PARTY_WOKE &&
		       (k->party[i].at == WAKE_GONE || !stuck_same(&k->thread[k->party[i].at], t));
	if (t->kind == WAKE_LOCK)
		diag_what(d,
			  "%s waits in %s() for %s, which a thread took and kept when it ended.%s",
			  say_thread(k->p, t->serial), call_name(t->call), say_stuck_object(k, t),
			  all ? " No thread of the process can go on." : "");
	else
		diag_what(d, "%s has waited%s%s in %s() for %s. %s could %s it %s.%s",
			  say_thread(k->p, t->serial), since ? " for " : "", since ? since : "",
			  call_name(t->call), say_stuck_object(k, t),
			  any ? "All who" : "Nobody who", say_stuck_verb(t),
			  any ? "and did so before have ended or are blocked themselves"
			      : "is left",
			  all ? " No thread of the process can go on." : "");
}

static void say_why(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	if (k->whole && k->n == 1)
		diag_why(
		    d,
		    "No other thread is left in the process, and nothing outside of it could end "
		    "this wait: it is for good.");
	else if (k->whole)
		diag_why(
		    d,
		    "Every other thread of the process has ended or waits itself, without a time "
		    "limit, and nothing outside of it could end this wait: it is for good.");
	else if (t->stuck == WAKE_CERTAIN)
		diag_why(d, "What it waits for will never be given back: this is for good.");
	else
		diag_why(
		    d,
		    "Whoever ever had to do with it is gone, and others wait for this thread in "
		    "turn. Only a thread that never came near it before could still end the wait.");
}

static u32 count_like(const struct wake *k, const struct wake_thread *t)
{
	u32 n = 0;

	for (u32 i = 0; i < k->n; i++)
		n += stuck_is_root(k, &k->thread[i]) && stuck_same(&k->thread[i], t);
	return n;
}

static void say(const struct wake *k, struct findings *out, const struct wake_thread *t)
{
	bool certain = t->stuck == WAKE_CERTAIN && !(t->named && k->whole);
	struct diagnosis *d =
	    diag_new(out, certain ? SEV_ERROR : SEV_WARNING, certain ? CONF_CERTAIN : CONF_LIKELY);
	u32 like = count_like(k, t), shown = 0;

	if (like > 1)
		diag_title(d, "%u threads wait for ever in %s: nobody is left who could %s %s",
			   like, say_stuck_place(k, t), say_stuck_verb(t), say_stuck_object(k, t));
	else
		diag_title(d, "%s waits for ever in %s: nobody is left who could %s %s",
			   say_thread(k->p, t->serial), say_stuck_place(k, t), say_stuck_verb(t),
			   say_stuck_object(k, t));
	say_what(d, k, t, k->whole);
	say_why(d, k, t);
	diag_fix(d, "%s", fix_of(t));
	stuck_tell_wait(d, k, t);
	stuck_tell_wakers(d, k, t);
	stuck_tell_waiters(d, k, t);
	for (u32 i = 0; i < k->n; i++) {
		const struct wake_thread *w = &k->thread[i];

		if (w == t || !stuck_is_root(k, w) || !(k->whole || stuck_same(w, t)))
			continue;
		if (shown++ < 8)
			stuck_tell_wait(d, k, w);
	}
	stuck_add_object(d, k, t);
	stuck_about(d, k, t);
	stuck_role(d, k, t);
}

/* Of a process that is stuck as a whole, the one on which the others hang. */
static const struct wake_thread *main_root(const struct wake *k)
{
	const struct wake_thread *best = NULL;

	for (u32 i = 0; i < k->n; i++) {
		const struct wake_thread *t = &k->thread[i];

		if (!stuck_is_root(k, t))
			continue;
		if (!best || (t->waited_for && !best->waited_for))
			best = t;
	}
	return best;
}

/* The first of those that wait alike speaks for all. */
static bool is_first(const struct wake *k, const struct wake_thread *t)
{
	for (const struct wake_thread *w = k->thread; w < t; w++)
		if (stuck_is_root(k, w) && stuck_matters(k, w) && stuck_same(w, t))
			return false;
	return true;
}

static bool has_ring(const struct wake *k)
{
	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].ring)
			return true;
	return false;
}

void rule_stuck_thread(const struct model_process *p, struct findings *out)
{
	struct wake k;
	const struct wake_thread *t;

	if (wake_make(&k, p) || !k.nstuck || p->facts.ended == ENDED_EXEC) {
		wake_free(&k);
		return;
	}
	if (k.whole && !has_ring(&k)) {
		t = main_root(&k);
		if (t)
			say(&k, out, t);
		wake_free(&k);
		return;
	}
	for (u32 i = 0; i < k.n; i++) {
		t = &k.thread[i];
		if (stuck_is_root(&k, t) && stuck_matters(&k, t) && is_first(&k, t))
			say(&k, out, t);
	}
	wake_free(&k);
}
