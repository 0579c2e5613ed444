/* SPDX-License-Identifier: MIT */
/*
 * bad-descriptor: a call on a descriptor number that was closed before, told by the preload as it
 * was made. Four stories: used after it was closed, closed a second time, closed in place of
 * somebody else's, used in place of somebody else's. Pure; called by report.c.
 */
#include <stdio.h>
#include <string.h>
#include "rule.h"

const struct rule_text text_bad_descriptor = {
    .means = "A call is made on a descriptor number that was closed before. The kernel gives a "
	     "free number to the next open(), so such a "
	     "call either fails (EBADF) or hits a file, socket or timer of somebody else.",
    .evidence = "The call, where the descriptor was opened and who closed it where. Where the "
		"number had been given out again: who "
		"had it meanwhile, and the call by which that one found it closed, or by which the "
		"kernel said that it is of another sort.",
    .silent =
	"Sweeps over neighbouring numbers before an exec; probes (F_GETFD, poll() without events); "
	"numbers whose opening was not "
	"seen; an EPOLL_CTL_DEL; close() tried again after an error; dup2() onto a number. Notes "
	"only: a second close in a process of one thread (nobody "
	"can have got the number in between), close(-1), and a call that only looks as if its "
	"thread had forgotten that it closed the number.",
    .fix = "One owner closes, after all others have stopped using it, and forgets the number.",
    .example = "close(fd);\n…\nwrite(fd, buf, n);          /* EBADF, or somebody else's file */\n",
};

struct facts {
	const struct model_process *p;
	const struct model_event *e;
	u32 stack, closer, closed, opener, opened, prev, prev_stack, prev_closer, prev_closed;
	bool is_close;
	const char *detail, *err;
	char name[64];
};

static void facts_of(struct facts *x, const struct model_process *p, const struct model_event *e)
{
	int fd = (int)event_int(e, "fd");

	*x = (struct facts){.p = p,
			    .e = e,
			    .stack = (u32)event_int(e, "stack"),
			    .closer = (u32)event_int(e, "other"),
			    .closed = (u32)event_int(e, "other_stack"),
			    .opener = (u32)event_int(e, "third"),
			    .opened = (u32)event_int(e, "third_stack"),
			    .prev = (u32)event_int(e, "prev"),
			    .prev_stack = (u32)event_int(e, "prev_stack"),
			    .prev_closer = (u32)event_int(e, "prev_closed_by"),
			    .prev_closed = (u32)event_int(e, "prev_closed_stack"),
			    .is_close = strcmp(event_str(e, "call"), "close") == 0,
			    .detail = event_str(e, "detail"),
			    .err = event_str(e, "err")};
	snprintf(x->name, sizeof(x->name), "%s",
		 say_fd(p, fd < 0 ? 0 : fd, (u32)event_int(e, "fd_kind")));
}

static bool is(const struct facts *x, const char *detail)
{
	return strcmp(x->detail, detail) == 0;
}

static const char *who(const struct facts *x, u32 thread)
{
	return say_thread(x->p, thread);
}

static const char *place(const struct facts *x, u32 stack)
{
	return say_place(x->p, stack);
}

static void life(struct diagnosis *d, const struct facts *x)
{
	if (x->closed)
		diag_evidence(d, 0, x->closer, x->closed, "%s closed it here", who(x, x->closer));
	if (x->opened)
		diag_evidence(d, 0, x->opener, x->opened, "%s had opened it here",
			      who(x, x->opener));
}

static void life_before(struct diagnosis *d, const struct facts *x)
{
	if (x->prev_closed)
		diag_evidence(d, 0, x->prev_closer, x->prev_closed,
			      "%s had closed its own of that number here", who(x, x->prev_closer));
	if (x->prev_stack)
		diag_evidence(d, 0, x->prev, x->prev_stack, "which %s had opened here",
			      who(x, x->prev));
}

/* ---- the stories
 * --------------------------------------------------------------------------------------------------------
 */

static void say_used(struct diagnosis *d, const struct facts *x)
{
	diag_title(d, "in %s, %s uses %s after it was closed", place(x, x->stack),
		   who(x, x->e->thread), x->name);
	diag_what(d, "In %s, %s makes a call on %s%s%s%s. It was closed before in %s by %s.",
		  place(x, x->stack), who(x, x->e->thread), x->name,
		  *x->err ? " (the call returned " : "", x->err, *x->err ? ")" : "",
		  place(x, x->closed),
		  x->closer == x->e->thread ? "the same thread" : who(x, x->closer));
	diag_why(d, "The number is free after close(). This time the kernel refused; next time "
		    "another open() may have got it, and that file is read or written in place of "
		    "this one.");
	diag_fix(d, "Close it only after the last one who uses it has stopped; set the variable "
		    "to -1 when it is closed.");
	diag_evidence(d, x->e->t, x->e->thread, x->stack, "the call%s%s",
		      *x->err ? ", which returned " : "", x->err);
	life(d, x);
}

static void say_closed_again(struct diagnosis *d, const struct facts *x)
{
	bool alone = x->p->head.threads_made == 1;

	diag_title(d, "in %s, %s closes %s a second time", place(x, x->stack), who(x, x->e->thread),
		   x->name);
	diag_what(d,
		  "In %s, %s closes %s. It was closed before in %s by %s, so the call returned "
		  "EBADF.",
		  place(x, x->stack), who(x, x->e->thread), x->name, place(x, x->closed),
		  x->closer == x->e->thread ? "the same thread" : who(x, x->closer));
	diag_why(
	    d, "%s",
	    alone ? "The number is free after the first close(). This process has one thread, so "
		    "nobody had got it in between; with threads, the second close() would hit "
		    "their descriptors."
		  : "The number is free after the first close(). Had another thread opened "
		    "something in between, this call would have closed that one's descriptor.");
	diag_fix(d, "Let one owner close it; set the variable to -1 when it is closed.");
	diag_evidence(d, x->e->t, x->e->thread, x->stack, "the second close");
	life(d, x);
}

static void say_stolen(struct diagnosis *d, const struct facts *x)
{
	diag_title(d, "in %s, %s closes a number a second time, and hits %s of %s",
		   place(x, x->closed), who(x, x->closer), x->name, who(x, x->opener));
	diag_what(d,
		  "In %s, %s closed its own descriptor of that number. In %s, %s opened %s and got "
		  "the number. In %s, %s closed that one, which it had neither opened nor used. In "
		  "%s, %s finds it closed (EBADF).",
		  place(x, x->prev_closed), who(x, x->prev_closer), place(x, x->opened),
		  who(x, x->opener), x->name, place(x, x->closed), who(x, x->closer),
		  place(x, x->stack), who(x, x->e->thread));
	diag_why(d, "The kernel gives a free number to the next open(). A second close() of a "
		    "number closes whatever is under it by then. Here it was another thread's "
		    "descriptor, and what that thread writes may go to a third one's file next.");
	diag_fix(d,
		 "One of the two closes is too many: set the variable to -1 with the first, or "
		 "let one owner close. (If the second was meant, because %s had been asked to "
		 "close it, the fault is the use after it.)",
		 who(x, x->closer));
	diag_evidence(d, 0, x->closer, x->closed, "%s closed it here", who(x, x->closer));
	diag_evidence(d, 0, x->opener, x->opened, "%s had opened it here", who(x, x->opener));
	life_before(d, x);
	diag_evidence(d, x->e->t, x->e->thread, x->stack, "%s finds it closed here",
		      who(x, x->e->thread));
	diag_role(d, x->closed);
}

static void say_stream(struct diagnosis *d, const struct facts *x)
{
	diag_title(d, "in %s, closing a stream closes %s of %s", place(x, x->stack), x->name,
		   who(x, x->opener));
	diag_what(d,
		  "In %s, the descriptor of the stream was closed by close(). In %s, %s opened %s "
		  "and got its number. In %s, %s closes the stream, and with it that descriptor.",
		  place(x, x->prev_closed), place(x, x->opened), who(x, x->opener), x->name,
		  place(x, x->stack), who(x, x->e->thread));
	diag_why(d, "A stream (FILE or DIR) owns its descriptor and closes it with itself. Closed "
		    "behind its back, the number is given to the next open(), and the stream "
		    "closes a stranger's descriptor.");
	diag_fix(d, "Close only the stream; for a descriptor that is to outlive it, give the "
		    "stream a dup().");
	diag_evidence(d, x->e->t, x->e->thread, x->stack,
		      "the stream is closed here, and the "
		      "descriptor with it");
	diag_evidence(d, 0, x->opener, x->opened, "%s had opened it here", who(x, x->opener));
	diag_evidence(d, 0, x->prev_closer, x->prev_closed,
		      "the stream's own descriptor was closed here");
	diag_evidence(d, 0, x->prev, x->prev_stack, "and had been opened here");
}

static void say_stale(struct diagnosis *d, const struct facts *x)
{
	bool proven = is(x, "stale");

	diag_title(d, "in %s, %s %s a number that it had closed, and hits %s of %s",
		   place(x, x->stack), who(x, x->e->thread), proven ? "uses" : "may have used",
		   x->name, who(x, x->opener));
	diag_what(
	    d,
	    "In %s, %s closed its own descriptor of that number. In %s, %s opened %s, got the "
	    "number and uses it. In %s, %s makes a call on it%s%s%s.",
	    place(x, x->prev_closed), who(x, x->prev_closer), place(x, x->opened),
	    who(x, x->opener), x->name, place(x, x->stack), who(x, x->e->thread),
	    proven ? ", which the kernel refused because it is of another sort ("
		   : ", from where it last used its own, which was of another kind",
	    x->err, proven ? ")" : "");
	diag_why(d, "The kernel gives a free number to the next open(). Who goes on to use a "
		    "number after closing it reads and writes somebody else's file.");
	diag_fix(d,
		 "Set the variable to -1 when the descriptor is closed, and close it only when "
		 "nobody uses it any more.%s",
		 proven ? "" : " If the descriptor was handed to this thread, all is well.");
	diag_evidence(d, x->e->t, x->e->thread, x->stack, "the call%s%s",
		      *x->err ? ", which returned " : "", x->err);
	diag_evidence(d, 0, x->opener, x->opened, "%s had opened it here", who(x, x->opener));
	life_before(d, x);
}

static void say_negative(struct diagnosis *d, const struct facts *x)
{
	int fd = (int)event_int(x->e, "fd");

	diag_title(d, "in %s, %s closes the number %d", place(x, x->stack), who(x, x->e->thread),
		   fd);
	diag_what(d, "In %s, %s calls close(%d): there is nothing to close.", place(x, x->stack),
		  who(x, x->e->thread), fd);
	diag_why(d, "Harmless in itself. It may stand for a failed open() that nobody looked at.");
	diag_fix(d, "Close only what was opened.");
	diag_evidence(d, x->e->t, x->e->thread, x->stack, "the call");
}

/* A second close of a number in a process that never had a second thread hits nobody: untidy, not
 * wrong. */
static enum severity severity_of(const struct facts *x)
{
	if (is(x, "negative") || is(x, "maybe-stale"))
		return SEV_NOTE;
	return x->is_close && !*x->detail && x->p->head.threads_made == 1 ? SEV_NOTE : SEV_ERROR;
}

static enum confidence confidence_of(const struct facts *x)
{
	if (is(x, "maybe-stale"))
		return CONF_SUSPECTED;
	return is(x, "stolen") || is(x, "stale") ? CONF_LIKELY : CONF_CERTAIN;
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	struct diagnosis *d;
	struct facts x;
	int fd = (int)event_int(e, "fd");

	facts_of(&x, p, e);
	d = diag_new(out, severity_of(&x), confidence_of(&x));
	if (is(&x, "stolen"))
		say_stolen(d, &x);
	else if (is(&x, "stream"))
		say_stream(d, &x);
	else if (is(&x, "stale") || is(&x, "maybe-stale"))
		say_stale(d, &x);
	else if (is(&x, "negative"))
		say_negative(d, &x);
	else if (x.is_close)
		say_closed_again(d, &x);
	else
		say_used(d, &x);
	diag_count(d, 1 + event_int(e, "untold"));
	if (fd >= 0) {
		diag_object(d, "fd", (u64)fd, x.opened, "%s", x.name);
		diag_about(d, ABOUT_FD, (u64)fd);
	}
	diag_thread(d, e->thread);
	diag_thread(d, x.closer);
	diag_role(d, x.stack);
}

void rule_bad_descriptor(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "bad-descriptor") == 0)
		say(p, out, e);
}
