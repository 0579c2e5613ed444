/* SPDX-License-Identifier: MIT */
/*
 * The misuse rules whose evidence is one call, found by the preload (`misuse` events): one table,
 * one row a rule. Owns the table; pure; called by report.c.
 */
#include <string.h>
#include "rule.h"

struct misuse {
	const char *kind, *title, *why, *fix, *other;
	enum { ON_LOCK, ON_THREAD, ON_FD } on;
};

/* title and `other`: what the call did to the object, and what happened to it before. */
static const struct misuse table[] = {
    {"unlock-not-held", "releases a lock that nobody holds",
     "The state the lock guards was not protected when the code believed it was; for a normal "
     "mutex the call is undefined "
     "and can let two threads in at once.",
     "Make every path that unlocks have locked exactly once; look for a second unlock on an error "
     "path.",
     "it was last released here", ON_LOCK},
    {"unlock-by-other-thread", "releases a lock that another thread holds",
     "The holder goes on believing that it is alone while a third thread may already be in. For a "
     "normal mutex this is "
     "undefined; a second unlock that hits the next holder is the usual cause.",
     "Unlock in the thread that locked, once; to hand work over use a semaphore or a condition "
     "variable.",
     "the other thread took it here", ON_LOCK},
    {"relock", "asks again for a lock that it already holds",
     "The call returned EDEADLK and took nothing: what follows is not protected by it, and the "
     "unlock that follows opens the "
     "outer section too early. A normal mutex would hang here.",
     "Split off a function that expects the lock to be held, and call that one from code that "
     "holds it.",
     "it was taken here first", ON_LOCK},
    {"destroy-while-in-use", "destroys an object that is in use",
     "Whoever holds or waits for it goes on using memory that no longer is a lock; glibc waits for "
     "the waiters of a "
     "condition variable or barrier for ever.",
     "Let all users finish (join them, or count them down) before destroying it.",
     "it was in use here", ON_LOCK},
    {"join-twice", "joins a thread that was joined before",
     "The handle of a joined thread may belong to a new one by now: the call then joins a "
     "stranger, or reads freed memory.",
     "Join each thread once, in the place that owns it.", "that thread was started here",
     ON_THREAD},
    {"join-self", "joins itself",
     "The call cannot end; the C library answers EDEADLK where it notices.",
     "Join a thread from the one that started it.", "it was started here", ON_THREAD},
    {"join-detached", "joins a detached thread",
     "A detached thread's handle is free for reuse the moment it ends: the call fails, or joins a "
     "stranger.",
     "Either detach a thread or join it.", "that thread was started here", ON_THREAD},
    {"bad-descriptor", "uses a descriptor that was closed before",
     "The number is free after close(): this time the kernel refused (EBADF), next time another "
     "file may have it and is "
     "read, written or closed in its place.",
     "Let one owner close the descriptor, after all others have stopped using it; forget the "
     "number when it is closed.",
     "it was closed here", ON_FD},
    {"barrier-misuse", "uses a barrier in a way that cannot work",
     "A barrier needs a count of at least one and exactly that many threads at each turn.",
     "Give pthread_barrier_init() the number of threads that will wait.", "the other use", ON_LOCK},
    {"semaphore-misuse", "uses a semaphore in a way that cannot work",
     "Posting past SEM_VALUE_MAX fails (EOVERFLOW) and the post is lost; a semaphore destroyed "
     "under its waiters leaves them "
     "waiting for ever.",
     "Post as often as something was made, and destroy the semaphore after its last waiter has "
     "gone.",
     "the other use", ON_LOCK},
};

#define TEXT(sym, m, e, s, f, x)                                                                   \
	const struct rule_text text_##sym = {                                                      \
	    .means = m, .evidence = e, .silent = s, .fix = f, .example = x}

TEXT(
    unlock_not_held,
    "A lock is released while nobody holds it: one unlock too many, or an unlock without its lock.",
    "The call, its stack, and the last release of the same lock.",
    "Semaphores; locks acquired by trylock or timed variants, or before the tool came.",
    "Make every path that unlocks have locked exactly once.",
    "if (error) {\n        pthread_mutex_unlock(&m);\n        goto out;\n}\n…\nout:\n        "
    "pthread_mutex_unlock(&m);   /* a second time */\n");
TEXT(unlock_by_other_thread, "A thread releases a lock that another thread holds.",
     "The call and its stack, the holder and where it took the lock.",
     "Semaphores, which have no holder.",
     "Unlock in the thread that locked; for hand-over use a semaphore or a condition variable.",
     "/* thread 1 */ pthread_mutex_lock(&m); start(thread2);\n/* thread 2 */ "
     "pthread_mutex_unlock(&m);   /* not its own */\n");
TEXT(relock,
     "A thread asks for a lock that it already holds, and the C library refuses with EDEADLK.",
     "Both calls with their stacks.", "Recursive mutexes.",
     "Split off a function that expects the lock to be held.",
     "pthread_mutex_lock(&errorcheck);\nrc = pthread_mutex_lock(&errorcheck);   /* EDEADLK */\n");
TEXT(destroy_while_in_use, "An object is destroyed while somebody holds it or waits on it.",
     "The destroying call, who uses the object and where.",
     "Destroyed after the last unlock has released it.",
     "Let all users finish before destroying it.",
     "pthread_cond_broadcast(&c);\npthread_cond_destroy(&c);   /* the waiters are still inside "
     "*/\n");
TEXT(join_twice, "A thread is joined a second time.",
     "Both joins with their stacks; by creation, not by the reused handle.",
     "Another thread that got the same handle.", "Join each thread once.",
     "pthread_join(t, NULL);\n…\npthread_join(t, NULL);\n");
TEXT(join_self, "A thread joins itself.", "The call with its stack.", "-",
     "Join from the thread that started it.", "pthread_join(pthread_self(), NULL);\n");
TEXT(bad_descriptor, "A call is made on a descriptor number that was closed before.",
     "The failing call (EBADF), where the descriptor was opened and who closed it where.",
     "Sweeps over many numbers before an exec; probes (F_GETFD); numbers whose opening was not "
     "seen. A second close in a process of one thread is a note: nobody can have got the number in "
     "between.",
     "One owner closes, after all others have stopped using it.",
     "close(fd);\n…\nwrite(fd, buf, n);          /* EBADF, or somebody else's file */\n");
TEXT(barrier_misuse, "A barrier is made or used in a way that cannot work.",
     "The call and what it returned.", "-", "Give it the number of threads that will wait.",
     "pthread_barrier_init(&b, NULL, 0);   /* EINVAL */\n");
TEXT(semaphore_misuse, "A semaphore overflows, or is destroyed under its waiters.",
     "The call and what it returned.", "Posting more often than waiting, below the limit.",
     "Post once for each thing made.",
     "sem_init(&s, 0, SEM_VALUE_MAX);\nsem_post(&s);                /* EOVERFLOW */\n");
TEXT(join_detached, "A detached thread is joined.", "The join and the detaching.",
     "Another thread that got the same handle.", "Either detach or join.",
     "pthread_detach(t);\npthread_join(t, NULL);\n");

static void about_object(struct diagnosis *d, const struct model_process *p, const struct misuse *m,
			 const struct model_event *e, const char **name)
{
	u32 obj = (u32)event_int(e, "obj");
	u64 addr = event_int(e, "addr");

	if (m->on == ON_FD) {
		const struct st_fd *fd = process_fd(p, (int)event_int(e, "fd"));

		*name = say_fd(p, (int)event_int(e, "fd"), 0);
		diag_fd(d, fd);
		diag_about(d, ABOUT_FD, event_int(e, "fd"));
	} else if (m->on == ON_THREAD) {
		if (!obj) /* the thread that is joined */
			obj = (u32)event_int(e, "other");
		*name = say_thread(p, obj);
		diag_thread(d, obj);
		diag_about(d, ABOUT_THREAD, obj);
	} else {
		*name = say_sync(p, obj, addr);
		diag_sync(d, obj, addr);
		diag_about(d, ABOUT_SYNC, obj);
	}
}

/* A second close of a number in a process that never had a second thread hits nobody: untidy, not
 * wrong. */
static enum severity severity_of(const struct model_process *p, const struct model_event *e)
{
	return strcmp(event_str(e, "call"), "close") == 0 && p->head.threads_made == 1 ? SEV_NOTE
										       : SEV_ERROR;
}

static void misuse_say(const struct model_process *p, struct findings *out, const struct misuse *m,
		       const struct model_event *e)
{
	u32 stack = (u32)event_int(e, "stack"), other = (u32)event_int(e, "other");
	u32 other_stack = (u32)event_int(e, "other_stack");
	const char *err = event_str(e, "err"), *name;
	struct diagnosis *d = diag_new(out, severity_of(p, e), CONF_CERTAIN);

	about_object(d, p, m, e, &name);
	diag_title(d, "in %s, %s %s", say_place(p, stack), say_thread(p, e->thread), m->title);
	diag_what(d, "In %s, %s %s: %s%s%s%s%s.", say_place(p, stack), say_thread(p, e->thread),
		  m->title, m->on == ON_THREAD ? "" : "the ", name,
		  *err ? " (the call returned " : "", err, *err ? ")" : "");
	diag_why(d, "%s", m->why);
	diag_fix(d, "%s", m->fix);
	diag_thread(d, e->thread);
	diag_evidence(d, e->t, e->thread, stack, "the call%s%s", *err ? ", which returned " : "",
		      err);
	if (other_stack)
		diag_evidence(d, 0, other, other_stack, "%s", m->other);
	diag_thread(d, other);
	diag_role(d, stack);
}

static void misuse_run(const struct model_process *p, struct findings *out, const char *kind)
{
	const struct misuse *m = table;

	while (strcmp(m->kind, kind) != 0)
		m++;
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), kind) == 0)
		misuse_say(p, out, m, e);
}

#define MISUSE_RULE(sym, kind)                                                                     \
	void rule_##sym(const struct model_process *p, struct findings *out)                       \
	{                                                                                          \
		misuse_run(p, out, kind);                                                          \
	}
MISUSE_RULE(unlock_not_held, "unlock-not-held")
MISUSE_RULE(unlock_by_other_thread, "unlock-by-other-thread")
MISUSE_RULE(relock, "relock")
MISUSE_RULE(destroy_while_in_use, "destroy-while-in-use")
MISUSE_RULE(bad_descriptor, "bad-descriptor")
MISUSE_RULE(barrier_misuse, "barrier-misuse")
MISUSE_RULE(semaphore_misuse, "semaphore-misuse")
MISUSE_RULE(join_twice, "join-twice")
MISUSE_RULE(join_self, "join-self")
MISUSE_RULE(join_detached, "join-detached")
