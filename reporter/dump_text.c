/* SPDX-License-Identifier: MIT */
/*
 * A dump for people. All its wording is here. Reporter only, not signal-safe.
 */
#include <string.h>

#include "dump.h"
#include "proc.h"

struct out {
	FILE *to;
	const struct dump *d;
	const struct render_options *style;
};

static void say_thread(const struct out *o, const struct dump_thread *t)
{
	if (t->serial)
		fprintf(o->to, "thread %u", t->serial);
	else
		fprintf(o->to, "thread (not observed)");
	if (*t->name)
		fprintf(o->to, " \"%s\"", t->name);
	fprintf(o->to, " (tid %u)", t->tid);
}

/* "mutex 3 (0x7f…)": what is known of a lock. */
static void say_sync(const struct out *o, u32 serial, u64 addr, const char *fallback)
{
	const struct st_sync *s = process_sync(o->d->p, serial);

	if (!s || (addr && s->addr != addr))
		s = process_sync_at(o->d->p, addr);
	if (s)
		fprintf(o->to, "%s %u", sync_kind_name(s->kind), s->serial);
	else
		fputs(fallback, o->to);
	if (s && *s->name)
		fprintf(o->to, " \"%.48s\"", s->name);
	else if (addr && process_variable_at(o->d->p, addr))
		fprintf(o->to, " %s", process_variable_at(o->d->p, addr));
	if (addr)
		fprintf(o->to, " (%#llx)", (unsigned long long)addr);
}

static void say_fd(const struct out *o, int num)
{
	const struct st_fd *f = process_fd(o->d->p, num);
	const struct frame *opened = NULL;
	char what[512];

	fprintf(o->to, " on descriptor %d", num);
	if (o->d->alive && !proc_fd(o->d->pid, num, what, sizeof(what)))
		fprintf(o->to, " (%s)", what);
	else if (f && f->open)
		fprintf(o->to, " (%s)", fd_kind_name(f->kind));
	if (f && f->open && !(f->flags & (FF_INHERITED | FF_LEARNED)))
		opened = frames_program(process_frames(o->d->p, f->stack));
	if (!opened || !opened->function || !opened->program)
		return;
	fprintf(o->to, ", opened in %s", opened->function);
	if (opened->file)
		fprintf(o->to, " (%s:%d)", opened->file, opened->line);
}

static void say_what_for(const struct out *o, const struct st_live *l)
{
	switch (call_class(l->wait_call)) {
	case CLASS_LOCK:
		fputs(" for ", o->to);
		say_sync(o, l->wait_obj, l->wait_addr, "the lock");
		break;
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_BARRIER:
	case CLASS_ONCE:
		fputs(" on ", o->to);
		say_sync(o, l->wait_obj, l->wait_addr, "the object");
		break;
	case CLASS_JOIN:
		if (l->wait_obj)
			fprintf(o->to, " for thread %u to end", l->wait_obj);
		break;
	default:
		if (l->wait_fd >= 0)
			say_fd(o, l->wait_fd);
	}
	if (l->wait_with || l->wait_with_addr) {
		fputs(", having given up ", o->to);
		say_sync(o, l->wait_with, l->wait_with_addr, "the mutex");
	}
}

static void say_since(const struct out *o, const struct st_live *l)
{
	char text[64];

	if (l->wait_since && o->d->now >= l->wait_since)
		fprintf(o->to, ", for %s",
			duration_text(o->d->now - l->wait_since, text, sizeof(text)));
	if (l->wait_flags & WF_TIMED)
		fputs(", until a timeout", o->to);
}

static const char *state_text(char state, bool observed)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return observed ? "sleeping, in no call that is watched" : "sleeping";
	case 'D':
		return "in the kernel, uninterruptible (disk?)";
	case 'T':
		return "stopped by a signal";
	case 't':
		return "stopped by a debugger";
	case 'Z':
	case 'X':
		return "ended";
	default:
		return "running";
	}
}

static void say_holders(const struct out *o, u32 i)
{
	const struct dump *d = o->d;
	const struct dump_thread *t = &d->thread[i];
	enum trace_call_class class = call_class(t->live->wait_call);
	u32 to = 0, said = 0;

	if (class != CLASS_LOCK && class != CLASS_ONCE)
		return;
	for (; (to = dump_holder(d, i, to)) < d->n; to++, said++) {
		fputs("    which is held by ", o->to);
		say_thread(o, &d->thread[to]);
		fputs(to == i ? ": itself\n" : "\n", o->to);
	}
	if (!said)
		fputs("    whose holder is not known\n", o->to);
}

static void say_wait(const struct out *o, u32 i)
{
	const struct dump_thread *t = &o->d->thread[i];

	fprintf(o->to, "waits in %s", call_name(t->live->wait_call));
	say_what_for(o, t->live);
	say_since(o, t->live);
	if (t->state && t->state != 'S')
		fprintf(o->to, " [%s]", state_text(t->state, true));
	fputc('\n', o->to);
	render_frames(o->to, dump_wait_frames(o->d, t), 8, o->style);
	say_holders(o, i);
}

static void say_held(const struct out *o, const struct dump_thread *t)
{
	u32 n = dump_nheld(t);

	for (u32 i = 0; i < n; i++) {
		const struct st_held *h = &t->live->held[i];
		const struct frames *f = dump_held_frames(o->d, h);

		if (!h->addr)
			continue;
		fputs("    holds ", o->to);
		say_sync(o, 0, h->addr, "a lock");
		if (h->mode == HELD_ONCE)
			fputs(" (runs its initialiser)", o->to);
		if (h->mode == HELD_READ || h->mode == HELD_WRITE)
			fprintf(o->to, " for %s", h->mode == HELD_READ ? "reading" : "writing");
		if (h->count > 1)
			fprintf(o->to, " %u times", h->count);
		fputs(f->n ? ", taken at\n" : "\n", o->to);
		render_frames(o->to, f, 8, o->style);
	}
	if (t->live && t->live->nheld > n)
		fprintf(o->to, "    and %u more locks\n", t->live->nheld - n);
}

/* No wait is recorded: what the kernel says of a thread that sleeps all the same. */
static void say_state(const struct out *o, const struct dump_thread *t)
{
	const char *call;
	int fd;

	fputs(state_text(t->state, t->serial != 0), o->to);
	if (o->d->alive && t->state != 'R' && !proc_syscall(o->d->pid, (pid_t)t->tid, &call, &fd)) {
		fprintf(o->to, "; the kernel says: in %s", call);
		if (fd >= 0)
			say_fd(o, fd);
	}
	fputc('\n', o->to);
}

static void say_one(const struct out *o, u32 i)
{
	const struct dump_thread *t = &o->d->thread[i];

	say_thread(o, t);
	fputs(t->in_ring ? " [in the ring]: " : ": ", o->to);
	if (t->live && t->live->wait_call)
		say_wait(o, i);
	else
		say_state(o, t);
	say_held(o, t);
}

static void say_ring(const struct out *o)
{
	const struct dump *d = o->d;

	if (!d->nring)
		return;
	fprintf(o->to, "\ndeadlock: a ring of %u thread%s, none of which can ever go on\n",
		d->nring, d->nring > 1 ? "s" : "");
	for (u32 i = 0; i < d->nring; i++) {
		const struct dump_thread *t = &d->thread[d->ring[i]];

		fputs("    ", o->to);
		say_thread(o, t);
		fprintf(o->to, " waits in %s", call_name(t->live->wait_call));
		say_what_for(o, t->live);
		fputs(call_class(t->live->wait_call) == CLASS_JOIN ? "\n" : ", held by ", o->to);
		if (call_class(t->live->wait_call) != CLASS_JOIN) {
			say_thread(o, &d->thread[d->ring[(i + 1) % d->nring]]);
			fputc('\n', o->to);
		}
	}
}

static void say_counts(const struct out *o)
{
	fputc('\n', o->to);
	for (size_t i = 0; i < sizeof(o->d->count) / sizeof(*o->d->count); i++) {
		const struct dump_count *c = &o->d->count[i];

		fprintf(o->to, "%s: ", c->what);
		if (c->now >= 0)
			fprintf(o->to, "%ld", c->now);
		else
			fputs("unknown", o->to);
		if (c->peak >= 0)
			fprintf(o->to, ", at most %ld", c->peak);
		if (c->limit >= 0)
			fprintf(o->to, ", limit %ld (%s)", c->limit, c->limit_name);
		fputc('\n', o->to);
	}
}

void dump_text(const struct dump *d, FILE *to, const struct render_options *style)
{
	const struct out o = {to, d, style};
	const struct process_facts *f = &d->p->facts;
	const char *base = f->program ? strrchr(f->program, '/') : NULL;
	char ran[64];

	if (f->comm && *f->comm && base && strncmp(f->comm, base + 1, 15))
		fprintf(to, "%s: ", f->comm); /* a program of several names */
	fprintf(to, "%s, process %d", f->program ? f->program : "?", d->alive ? d->pid : f->pid);
	if (f->started && d->now > f->started)
		fprintf(to, ", %s %s", d->alive ? "running for" : "ran for",
			duration_text(d->now - f->started, ran, sizeof(ran)));
	if (!d->alive && f->has_status)
		fprintf(to, ", ended by %s %d", ended_name(f->ended), f->status);
	else if (!d->alive)
		fprintf(to, ", %s", f->ended == ENDED_KILLED ? "killed" : ended_name(f->ended));
	fprintf(to, ", %u thread%s\n\n", d->n, d->n == 1 ? "" : "s");
	for (u32 i = 0; i < d->n; i++)
		say_one(&o, i);
	say_ring(&o);
	say_counts(&o);
}
