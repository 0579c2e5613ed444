/* SPDX-License-Identifier: MIT */
/*
 * Owns: the order in which the tool comes up and goes down, in this process and in its forked
 * children. The only file that knows every layer.
 *
 * Up: at the first wrapper that runs, or in our constructor, whichever is first; other threads pass
 * through meanwhile. Down: the `end` line is written by our destructor or by the wrapper of a call
 * that ends the process; tables are kept to the last instruction. Whatever fails here leaves the
 * program unobserved and unharmed.
 */
#include "init.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/lock.h"
#include "base/modules.h"
#include "detect/failed_call.h"
#include "detect/bad_fd.h"
#include "detect/fd_exhaustion.h"
#include "detect/fd_look.h"
#include "detect/fork_locks.h"
#include "detect/lives.h"
#include "detect/hold_io.h"
#include "detect/sem_excess.h"
#include "detect/thread_exit.h"
#include "detect/timers.h"
#include "real/real.h"
#include "state/edges.h"
#include "state/fds.h"
#include "state/holdio.h"
#include "state/proc.h"
#include "state/queues.h"
#include "state/roles.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "state/timers.h"
#include "state/unsafe.h"
#include "trace/event.h"
#include "trace/files.h"
#include "trace/sink.h"

extern char **environ;

enum { TOOL_NONE, TOOL_STARTING, TOOL_ON, TOOL_OFF };
static unsigned tool;
static pthread_key_t thread_key;
static bool have_key, ended;
static uintptr_t main_stack_hi;

static const char *option(const char *name)
{
	size_t n = strlen(name);

	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

/* ---- threads of ours: only their records
 * ------------------------------------------------------------------------------ */

/* Ours is the first key, so this runs first in each round of destructors: it lets the other rounds
 * pass and acts in the last. */
static void thread_destructor(void *arg)
{
	struct thread *t = arg;

	if (t != thread_self || !t->live_kept)
		return;
	if (!t->destructor_rounds) {
		thread_exit_begins(t);
		sync_forsaken(t); /* it is past all waits */
	}
	if (++t->destructor_rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
		real.pthread_setspecific(thread_key, t);
	else {
		bad_fd_settle(t);
		thread_exit_judge(t);
		lives_stack_going(t);
		thread_end(t);
	}
}

void tool_thread_key(struct thread *t)
{
	if (have_key)
		real.pthread_setspecific(thread_key, t);
}

static void find_main_stack(void)
{
	void **end = real_find("__libc_stack_end", "");

	main_stack_hi = end ? (uintptr_t)*end : 0;
}

static void bounds_of_main(struct st_thread *row)
{
	struct rlimit r = {8u << 20, 8u << 20};

	if (!main_stack_hi)
		return;
	sys_call(SYS_prlimit64, 0, RLIMIT_STACK, 0, &r);
	row->stack_hi = main_stack_hi;
	row->stack_lo = main_stack_hi - (r.rlim_cur > (1ul << 30) ? 1ul << 30 : r.rlim_cur);
}

/* A thread that runs already: main, or one made by a raw clone or by libc itself. */
static struct thread *adopt(u32 flags)
{
	struct thread *t = thread_new(NULL, 0, flags);
	uintptr_t self = (uintptr_t)pthread_self();

	if (!t)
		return NULL;
	if (flags & TF_MAIN) {
		bounds_of_main(t->row);
	} else {
		t->row->stack_hi = self;
		t->row->stack_lo = self - (8u << 20);
		t->row->flags |= TF_DETACHED; /* nobody is known to owe it a join */
	}
	thread_bind(t->row_index, t->serial, self);
	thread_begin(t);
	tool_thread_key(t);
	return t;
}

/* ---- up
 * -----------------------------------------------------------------------------------------------------------------
 */

static void fill_header(void)
{
	struct rlimit r;
	struct timespec ts;

	state->pid = (u32)sys_getpid();
	state->ppid = (u32)sys_call(SYS_getppid, 0, 0, 0, 0);
	state->mode = (u32)config.mode;
	state->phase = PHASE_RUN;
	if (sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &r) == 0)
		state->nofile = r.rlim_cur > UINT32_MAX ? UINT32_MAX : (u32)r.rlim_cur;
	if (sys_call(SYS_prlimit64, 0, RLIMIT_SIGPENDING, 0, &r) == 0)
		state->sigpending = r.rlim_cur > UINT32_MAX ? UINT32_MAX : (u32)r.rlim_cur;
	failed_call_limits();
	state->started = clock_now();
	clock_gettime(CLOCK_REALTIME, &ts);
	state->started_real = (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

static void say_process(const char *parent_image)
{
	struct utsname u = {0};
	char exe[512], comm[16], boot[40];
	struct event_process p = {.exe = exe,
				  .comm = comm,
				  .host = u.nodename,
				  .boot_id = boot,
				  .parent_image = parent_image};

	proc_exe(exe, sizeof(exe));
	proc_comm(comm);
	proc_word("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	sys_call(SYS_uname, &u, 0, 0, 0);
	event_process(&p);
	event_modules();
}

static bool want_this_program(void)
{
	char exe[512];
	const char *name = exe;

	proc_exe(exe, sizeof(exe));
	for (const char *c = exe; *c; c++)
		if (*c == '/')
			name = c + 1;
	/* Sanitizers interpose the same calls and want to be alone (G22). */
	return config_glob_list(config.programs, name) && !real_find("__tsan_init", "") &&
	       !real_find("__asan_init", "");
}

static bool start(void)
{
	char err[256];
	int rc;

	rc = config_parse(option("PITFALL_OPTIONS"), err, sizeof(err));
	if (rc < 0 && !proc_parent_observed())
		log_always("%s", err);
	real_resolve();
	if (!want_this_program())
		return false;
	modules_init();
	find_main_stack();
	if (files_open() < 0)
		return false;
	fill_header();
	have_key = real.pthread_key_create && real.pthread_setspecific &&
		   real.pthread_key_create(&thread_key, thread_destructor) == 0;
	if (!adopt(TF_MAIN | TF_ADOPTED))
		return false;
	say_process(NULL);
	proc_learn_fds(thread_self, FF_INHERITED);
	return true;
}

static void bring_up(void)
{
	unsigned none = TOOL_NONE;
	uint64_t mask;
	bool ok;

	if (!__atomic_compare_exchange_n(&tool, &none, TOOL_STARTING, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	sys_block_signals(&mask);
	ok = start();
	sys_restore_signals(&mask);
	__atomic_store_n(&tool, ok ? TOOL_ON : TOOL_OFF, __ATOMIC_RELEASE);
}

COLD struct thread *scope_enter_slow(void)
{
	unsigned now = __atomic_load_n(&tool, __ATOMIC_ACQUIRE);
	int e;

	if (thread_gone || now == TOOL_OFF || now == TOOL_STARTING)
		return NULL;
	if (thread_self && thread_self->vforked)
		return NULL;
	e = errno;
	if (now == TOOL_NONE)
		bring_up();
	else if (!arena_ours())
		tool_fork_child("unseen");
	else if (!thread_self && !adopt(TF_ADOPTED))
		thread_gone =
		    true; /* no room for it: it passes through for good, at no further cost */
	errno = e;
	return scope_fast();
}

static __attribute__((constructor)) void tool_load(void)
{
	scope_enter();
}

/* ---- main begins
 * ----------------------------------------------------------------------------------------------------------
 */

static int (*real_main)(int, char **, char **);

/* Called where main was called, so that main's own frame lies at its return address: what main
 * made itself is in hand to the end, what the functions it called made is not. */
static __attribute__((noinline)) void main_returned(int status)
{
	struct thread *t = scope_enter();

	if (!t)
		return;
	timers_watch(t, CALLER_SP() - sizeof(void *), CALL_none, -1, 0);
	tool_exiting(status);
}

static int main_begins(int argc, char **argv, char **envp)
{
	int status;

	if (scope_enter())
		state->main_started = clock_now();
	status = real_main(argc, argv, envp);
	main_returned(status);
	return status;
}

EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
			     void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
			     void *stack_end)
{
	real_main = main;
	return REAL(__libc_start_main)(main_begins, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- forks
 * ------------------------------------------------------------------------------------------------------------------
 */

/* Counts of birth sites begin anew; what is open was handed down and nobody's leak here. */
static void inherit(void)
{
	u32 n = state->table[TABLE_fd].used;

	sites_fork_child();
	for (u32 i = 0; i < n; i++) {
		struct st_fd *f = row_get(TABLE_fd, i);

		if (f && f->open) {
			f->flags |= FF_INHERITED;
			f->site = 0;
		}
	}
	state->flags_raised = state->stuck = state->control = 0;
	state->lines = state->lines_dropped = 0;
	state->threads_made = 0;
	state->fds_peak = state->fds_open;
}

static struct thread *thread_of_child(void)
{
	struct thread *t = thread_fork_child((u64)pthread_self());

	if (!t)
		return NULL;
	thread_bind(t->row_index, t->serial, (u64)pthread_self());
	thread_begin(t);
	tool_thread_key(t);
	return t;
}

COLD void tool_fork_child(const char *how)
{
	struct thread *was = thread_self;
	char parent[256];
	uint64_t mask;

	if (__atomic_load_n(&tool, __ATOMIC_ACQUIRE) != TOOL_ON || !state)
		return;
	sys_block_signals(&mask);
	(void)how;
	thread_self = NULL;
	__atomic_store_n(&tool, TOOL_STARTING, __ATOMIC_RELEASE);
	memcpy(parent, state->trace, sizeof(parent));
	if (!config.children || files_fork() < 0)
		goto off;
	fill_header();
	fork_locks_child(); /* while the parent's threads are still in the books */
	sync_fork_child();
	edges_fork_child();
	hold_io_fork_child();
	roles_fork_child();
	queues_fork_child();
	timers_fork_child();
	stacks_fork_child();
	fd_exhaustion_fork_child();
	unsafe_fork_child();
	inherit();
	if (!thread_of_child())
		goto off;
	ended = false;
	event_fork_child();
	say_process(parent);
	__atomic_store_n(&tool, TOOL_ON, __ATOMIC_RELEASE);
	sys_restore_signals(&mask);
	return;
off:
	if (was)
		was->live = NULL;
	thread_self = was; /* a lock call that a forking handler interrupted looks there */
	state = NULL;
	__atomic_store_n(&tool, TOOL_OFF, __ATOMIC_RELEASE);
	sys_restore_signals(&mask);
}

/* ---- requests, sandboxes
 * ----------------------------------------------------------------------------------------------------
 */

COLD void tool_control_slow(struct thread *t)
{
	u32 request = __atomic_exchange_n(&state->control, CONTROL_NONE, __ATOMIC_ACQ_REL);
	struct proc_compared c;

	if (request != CONTROL_SNAPSHOT)
		return;
	modules_refresh();
	event_modules();
	if (proc_compare(t, &c))
		event_snapshot(t->serial, c.fds, c.tasks, c.missed, c.gone);
	fds_look(t);
	queues_look();
	__atomic_fetch_add(&state->control_ack, 1, __ATOMIC_RELEASE);
}

void tool_sandboxed(void)
{
	if (state)
		files_promote();
	arena_sandboxed();
	sink_sandboxed();
	hold_io_sandboxed();
	sys_confined_now = true;
	if (state)
		event_blind("time lost to preemption", "a sandbox was installed; calls under a "
						       "lock are judged by their duration alone");
}

/* ---- down
 * ---------------------------------------------------------------------------------------------------------------------
 */

COLD void tool_exec(struct thread *t, const char *path, int err)
{
	event_exec(t->serial, path, err ? errno_name(err) : NULL, stack_here(t));
	state->phase = err ? PHASE_RUN : PHASE_EXEC;
}

void tool_exiting(int status)
{
	state->status = (u32)status & 0xff;
	state->phase = PHASE_EXITING;
}

COLD void tool_end(struct thread *t, const char *how, int status)
{
	if (!state || __atomic_exchange_n(&ended, true, __ATOMIC_ACQ_REL))
		return;
	if (t)
		bad_fd_settle(t);
	if (t) {
		fds_look(t);
		queues_look();
	}
	fork_locks_end(t);
	if (t)
		sem_excess_end(t);
	event_modules();
	sink_last_words();
	for (int i = 0; i < TABLES; i++)
		if (state->table[i].dropped)
			event_dropped(files_table_name(i), state->table[i].dropped,
				      "the table is full (setting max_memory)");
	if (state->lines_dropped)
		event_dropped("lines", state->lines_dropped,
			      "no room (setting max_trace, or the disk)");
	event_end(t ? t->serial : 0, how, status, t ? stack_here(t) : 0);
	state->status = (u32)status;
	state->ended = clock_now();
	state->phase = PHASE_ENDED;
	if (strcmp(how, "abort") != 0) /* a crash is something to keep */
		files_settle();
}

static __attribute__((destructor)) void tool_unload(void)
{
	struct thread *t = scope_fast();

	if (__atomic_load_n(&tool, __ATOMIC_ACQUIRE) != TOOL_ON || !arena_ours())
		return;
	modules_refresh();
	tool_end(t, "exit", (int)state->status);
}
