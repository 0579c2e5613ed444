/* SPDX-License-Identifier: MIT */
/*
 * 16 thread-outlives-request: detached threads started for requests that have been answered since.
 * Evidence: the request each was started for (thread.req_*), what has become of its descriptor, and
 * what the living threads of the site wait for. Pure; called by report.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include "crowd.h"

#define REQUESTS  8u	     /* so many at least are left behind */
#define LONG_NS	  500000000u /* alive for so long is no matter of coming to its end */
#define COARSE_NS 10000000u  /* a descriptor's times may be this old */

const struct rule_text text_outlives_request = {
    .means = "A request is answered while a detached thread that was started for it lives on, with "
	     "its copy of the request. Nothing slows the clients down, so such threads and what "
	     "they keep in memory grow with the rate of requests; what they still had to do is "
	     "lost when the process ends.",
    .evidence =
	"Eight or more living detached threads of one place, each started for another request; "
	"that each of these requests has been answered, or its descriptor closed, by others than "
	"its thread; that most of the threads sleep or are blocked, and where. Few of those ever "
	"started have ended, or they have lived for half a second and more. What each keeps: the "
	"size of the block that it was handed, where the C library tells.",
    .silent =
	"Threads that use, answer or close the request's descriptor themselves; a request that is "
	"not answered yet; workers that idle until somebody hands them work; several threads for "
	"one request; threads that have come to an end when the process ends on purpose.",
    .fix = "Hand the work to a fixed number of threads through a queue with a limit, or do it "
	   "before answering; stop and join the workers at the end.",
    .example = "body = copy_of(request);\n"
	       "pthread_create(&t, &detached, upload_later, body);\n"
	       "send(client, accepted, len, 0);    /* the upload lives on, one for each request "
	       "*/\n",
};

static bool is_one_way(const struct st_fd *f)
{
	return f->kind == FDK_pipe || f->kind == FDK_fifo || f->kind == FDK_mqueue;
}

/* The creator has sent something since: where a request comes on one descriptor and its answer
 * leaves on another. */
static bool has_sent_since(const struct model_process *p, const struct st_thread *t)
{
	FOR_EACH_ROW(p, fd, f)
	if (f->gen && f->writes && f->used_by == t->parent && f->kind != FDK_file &&
	    (f->used + COARSE_NS >= t->born || f->closed + COARSE_NS >= t->born))
		return true;
	return false;
}

/* The request was answered, or given up, and not by the thread. */
static bool is_over(const struct model_process *p, const struct st_thread *t)
{
	const struct st_fd *f = process_fd(p, t->req_fd);

	if (!t->req_gen || t->flags & TF_SERVES || !f)
		return false;
	if (f->gen != t->req_gen || !f->open)
		return true;
	if (is_one_way(f))
		return f->reads > t->req_reads && has_sent_since(p, t);
	return f->writes > t->req_writes || (t->req_writes && t->req_reads <= t->req_writes);
}

struct left { /* threads of a crowd that outlive their requests */
	const struct st_thread **row;
	u32 n, requests, old;
	u64 bytes, oldest, least, most;
};

static int request_compare(const void *a, const void *b)
{
	const struct st_thread *x = *(const struct st_thread *const *)a,
			       *y = *(const struct st_thread *const *)b;

	if (x->req_fd != y->req_fd)
		return x->req_fd < y->req_fd ? -1 : 1;
	if (x->req_gen != y->req_gen)
		return x->req_gen < y->req_gen ? -1 : 1;
	return x->req_reads < y->req_reads ? -1 : x->req_reads > y->req_reads;
}

static int birth_compare(const void *a, const void *b)
{
	const struct st_thread *x = *(const struct st_thread *const *)a,
			       *y = *(const struct st_thread *const *)b;

	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static void left_count(struct left *l, const struct model_process *p)
{
	qsort(l->row, l->n, sizeof(*l->row), request_compare);
	for (u32 i = 0; i < l->n; i++) {
		const struct st_thread *t = l->row[i];
		u64 age = p->facts.ended_at > t->born ? p->facts.ended_at - t->born : 0;

		l->requests += !i || request_compare(&l->row[i - 1], &l->row[i]);
		l->old += age >= LONG_NS;
		l->oldest = age > l->oldest ? age : l->oldest;
		l->bytes += t->arg_size;
		l->least = !i || t->arg_size < l->least ? t->arg_size : l->least;
		l->most = t->arg_size > l->most ? t->arg_size : l->most;
	}
	qsort(l->row, l->n, sizeof(*l->row), birth_compare);
}

static struct left left_of(const struct model_process *p, const struct crowd *c)
{
	struct left l = {.row = malloc(c->n * sizeof(*l.row) + 1)};

	for (u32 i = 0; l.row && i < c->n; i++) {
		const struct st_thread *t = c->row[i];

		if (t->flags & TF_DETACHED && is_over(p, t) && crowd_blocked(crowd_live(p, t)) &&
		    !crowd_takes_work(p, c, t))
			l.row[l.n++] = t;
	}
	left_count(&l, p);
	return l;
}

/* They stay, rather than being about to end. */
static bool stays(const struct model_process *p, const struct crowd *c, const struct left *l)
{
	const struct st_site *s = c->site;

	if (l->old >= REQUESTS && l->old * 2 >= l->n)
		return true;
	if (s && s->flags & XF_GROWING)
		return true;
	return process_ended_on_purpose(p) && (!s || s->gone <= s->made / 4);
}

static void say_what(struct diagnosis *d, const struct model_process *p, const struct crowd *c,
		     const struct left *l)
{
	const struct st_site *s = c->site;
	u32 there = 0;
	const struct st_thread *at = crowd_place(p, c, &there);
	char memory[160] = "How much of a request each keeps is not known";

	if (l->bytes && l->least == l->most)
		snprintf(memory, sizeof(memory),
			 "Each keeps a block of %llu bytes that it was handed, %llu KiB in all",
			 (unsigned long long)l->most, (unsigned long long)(l->bytes + 1023) / 1024);
	else if (l->bytes)
		snprintf(memory, sizeof(memory),
			 "They keep the blocks that they were handed, up to %llu bytes each, %llu "
			 "KiB in all",
			 (unsigned long long)l->most, (unsigned long long)(l->bytes + 1023) / 1024);
	diag_title(d, "%u detached threads from %s outlive the requests they were started for",
		   l->n, say_place(p, c->row[0]->stack));
	diag_what(d,
		  "%s starts a detached thread for a request and does not wait for it. %u requests "
		  "had been answered or closed when the process %s, and %u threads started for "
		  "them were still alive, asleep or blocked: %u in %s. %u threads were started "
		  "there in all, %u were alive at once at most, and the oldest has lived for %s. "
		  "%s.",
		  say_place(p, c->row[0]->stack), l->requests,
		  p->facts.ended == ENDED_RUNNING ? "was looked at" : "ended", l->n, there,
		  at ? say_call_at(p, crowd_live(p, at)) : "no one place", s ? s->made : c->n,
		  s && s->peak > c->n ? s->peak : c->n, say_time(l->oldest), memory);
}

/* What became of the newest request whose descriptor still tells. */
static void tell_end(struct diagnosis *d, const struct model_process *p, const struct left *l)
{
	for (u32 i = l->n; i--;) {
		const struct st_thread *t = l->row[i];
		const struct st_fd *f = process_fd(p, t->req_fd);

		if (f && f->gen == t->req_gen && !f->open && f->closed_stack) {
			diag_evidence(d, f->closed, f->closed_by, f->closed_stack,
				      "the request of %s was closed here (%s); the thread lived on",
				      say_thread(p, t->serial), say_fd(p, f->num, f->kind));
			return;
		}
		if (f && f->gen == t->req_gen + 1 && f->prev_closed_stack) {
			diag_evidence(d, 0, f->prev_closed_by, f->prev_closed_stack,
				      "the request of %s was closed here (%s); the thread lived on",
				      say_thread(p, t->serial), say_fd(p, f->num, f->prev_kind));
			return;
		}
		if (f && f->gen == t->req_gen && f->open && f->used_pc) {
			diag_evidence_pc(d, f->used, f->used_by, f->used_pc,
					 "%s, on which requests came, was used here last: %llu "
					 "times received, %llu times sent",
					 say_fd(p, f->num, f->kind), (unsigned long long)f->reads,
					 (unsigned long long)f->writes);
			return;
		}
	}
}

static void tell(struct diagnosis *d, const struct model_process *p, const struct left *l)
{
	for (u32 i = 0; i < l->n; i++) {
		const struct st_thread *t = l->row[i];
		const struct st_live *v = crowd_live(p, t);

		diag_thread(d, t->serial);
		crowd_about(d, p, t);
		if (i && i + 1 < l->n)
			continue;
		diag_evidence(d, t->born, t->parent, t->stack,
			      "%s was started here, for a request on descriptor %d",
			      say_thread(p, t->serial), t->req_fd);
		if (v->wait_stack)
			diag_evidence(d, crowd_since(t, v), t->serial, v->wait_stack,
				      "%s waits in %s()", say_thread(p, t->serial),
				      call_name(v->wait_call));
		else
			diag_evidence_pc(d, crowd_since(t, v), t->serial, v->wait_pc,
					 "%s waits in %s()", say_thread(p, t->serial),
					 call_name(v->wait_call));
	}
	tell_end(d, p, l);
}

static void judge(const struct model_process *p, struct findings *out, const struct crowd *c)
{
	struct left l = left_of(p, c);
	struct diagnosis *d;

	if (l.requests >= REQUESTS && l.n * 4 >= c->n * 3 && stays(p, c, &l)) {
		d = diag_new(out, SEV_WARNING, CONF_LIKELY);
		say_what(d, p, c, &l);
		diag_why(d, "A client has its answer long before its thread is done, so nothing "
			    "slows clients down: as many threads pile up as requests come while "
			    "one of them lives, each with a stack and its copy of the request, "
			    "and nobody waits for them before the process ends.");
		diag_fix(d, "Hand the work to a fixed number of threads through a queue with a "
			    "limit (refuse the request when it is full), or do it before "
			    "answering; stop and join the workers at the end.");
		diag_count(d, l.n);
		diag_role(d, c->row[0]->stack);
		if (c->site)
			diag_about(d, ABOUT_SITE, c->site->serial);
		tell(d, p, &l);
	}
	free(l.row);
}

void rule_outlives_request(const struct model_process *p, struct findings *out)
{
	crowd_each(p, out, judge);
}
