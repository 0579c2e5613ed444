/* SPDX-License-Identifier: MIT */
/*
 * Handlers as the program sees them: whatever it can ask or notice must be as without us. Scenes by
 * name; each ends with status 0. Also run alone, by signal.bats.
 */
#include "scene.h"

#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <semaphore.h>
#include <ucontext.h>

static volatile sig_atomic_t came, came_deep, depth;
static volatile int from_pid, value;
static sigjmp_buf out;

static void count(int sig)
{
	(void)sig;
	came++;
}
static void count_too(int sig)
{
	(void)sig;
	came += 100;
}
static void know(int sig, siginfo_t *i, void *context)
{
	const ucontext_t *u = context;

	assert(i->si_signo == sig && !sigismember(&u->uc_sigmask, sig));
	from_pid = i->si_pid;
	value = i->si_value.sival_int;
	came++;
}
static struct sigaction act(void (*h)(int), int flags)
{
	struct sigaction a = {.sa_handler = h, .sa_flags = flags};

	sigemptyset(&a.sa_mask);
	return a;
}
static void install(int sig, void (*h)(int), int flags)
{
	struct sigaction a = act(h, flags);

	assert(sigaction(sig, &a, NULL) == 0);
}

/* What was there before comes back exactly, by each call. */
static void old(void)
{
	struct sigaction a = act(count, SA_RESTART | SA_NODEFER), b, c;

	sigaddset(&a.sa_mask, SIGHUP);
	assert(sigaction(SIGUSR1, NULL, &b) == 0 && b.sa_handler == SIG_DFL);
	assert(sigaction(SIGUSR1, &a, &b) == 0 && b.sa_handler == SIG_DFL && !b.sa_flags);
	assert(sigaction(SIGUSR1, NULL, &b) == 0 && b.sa_handler == count);
	assert((b.sa_flags & ~0x04000000) == a.sa_flags && sigismember(&b.sa_mask, SIGHUP) &&
	       !sigismember(&b.sa_mask, SIGUSR1));
	c = b;
	c.sa_sigaction = know;
	c.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
	assert(sigaction(SIGUSR1, &c, &c) == 0 && c.sa_handler == count);
	assert(sigaction(SIGUSR1, NULL, &c) == 0 && c.sa_sigaction == know &&
	       (c.sa_flags & ~0x04000000) == (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND));
	raise(SIGUSR1);
	assert(came == 1 && sigaction(SIGUSR1, NULL, &c) == 0 && c.sa_handler == SIG_DFL);
	assert(signal(SIGUSR1, count) == SIG_DFL && signal(SIGUSR1, count_too) == count);
	assert(sigaction(SIGUSR1, NULL, &c) == 0 && c.sa_handler == count_too &&
	       (c.sa_flags & SA_RESTART) && sigismember(&c.sa_mask, SIGUSR1));
	assert(siginterrupt(SIGUSR1, 1) == 0);
	assert(sigaction(SIGUSR1, NULL, &c) == 0 && c.sa_handler == count_too &&
	       !(c.sa_flags & SA_RESTART));
	assert(signal(SIGUSR1, SIG_IGN) == count_too && signal(SIGUSR1, SIG_DFL) == SIG_IGN);
	assert(signal(SIGKILL, count) == SIG_ERR && errno == EINVAL);
	assert(sigaction(65, &a, NULL) == -1 && errno == EINVAL);
	assert(sigaction(SIGSEGV, &a, NULL) == 0 && sigaction(SIGSEGV, NULL, &c) == 0 &&
	       c.sa_handler == count);
}

/* A chain: the new handler calls the one it has replaced. */
static struct sigaction before;
static void chain(int sig, siginfo_t *i, void *u)
{
	came += 10;
	if (before.sa_flags & SA_SIGINFO)
		before.sa_sigaction(sig, i, u);
	else
		before.sa_handler(sig);
}
static void chained(void)
{
	struct sigaction a = act(NULL, SA_SIGINFO);

	install(SIGUSR1, count, 0);
	a.sa_sigaction = chain;
	assert(sigaction(SIGUSR1, &a, &before) == 0);
	raise(SIGUSR1);
	assert(came == 11);
}

static void nest(int sig)
{
	if (++depth < 8)
		raise(sig);
	if (depth > came_deep)
		came_deep = depth;
	depth--;
	came++;
}
/* Deeper than we count; and with three arguments; and a value. */
static void arguments(void)
{
	struct sigaction a = act(NULL, SA_SIGINFO);

	install(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	assert(came == 8 && came_deep == 8);
	a.sa_sigaction = know;
	sigaction(SIGRTMIN, &a, NULL);
	assert(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 77}) == 0);
	assert(came == 9 && from_pid == getpid() && value == 77);
}

static void on_small_stack(int sig)
{
	char here;
	stack_t s;

	assert(sigaltstack(NULL, &s) == 0 && s.ss_flags & SS_ONSTACK);
	assert(&here > (char *)s.ss_sp && &here < (char *)s.ss_sp + s.ss_size);
	count(sig);
}
static void small_stack(void)
{
	stack_t s = {.ss_sp = malloc(8192), .ss_size = 8192};

	assert(sigaltstack(&s, NULL) == 0);
	install(SIGUSR1, on_small_stack, SA_ONSTACK);
	raise(SIGUSR1);
	assert(came == 1);
	free(s.ss_sp);
}

static void jump(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}
/* Ten thousand handlers that never return; then a lock, a semaphore and a stream are as ever. */
static void jumps(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	volatile int n = 0;
	sem_t s;

	sem_init(&s, 0, 0);
	install(SIGUSR1, jump, 0);
	if (sigsetjmp(out, 1) == 0 || n < 10000) {
		n++;
		raise(SIGUSR1);
	}
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		sem_post(&s);
		sem_wait(&s);
		fputs("", stdout);
	}
	assert(n == 10000);
}

static void look_back(int sig)
{
	void *pcs[32];
	int n = backtrace(pcs, 32);

	(void)sig;
	came = n; /* this one, the kernel's, raise, main and libc's start */
}
static void walked(void)
{
	install(SIGUSR1, look_back, 0);
	raise(SIGUSR1);
	assert(came >= 5);
}

/* Restarted or interrupted, as asked: poked until that was so, or twenty times before there is
 * something to read. */
static atomic_int enough, pipe_end;
static void *pokes(void *arg)
{
	while (!enough) {
		usleep(1000);
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	}
	return NULL;
}
static void *pokes_and_writes(void *arg)
{
	for (int i = 0; i < 20; i++) {
		usleep(1000);
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	}
	assert(write(pipe_end, "x", 1) == 1);
	return NULL;
}
static void restarts(void)
{
	pthread_t self = pthread_self(), th;
	int p[2];
	char c;

	assert(pipe(p) == 0);
	pipe_end = p[1];
	install(SIGUSR1, count, 0);
	th = spawn(pokes, &self);
	assert(read(p[0], &c, 1) == -1 && errno == EINTR);
	enough = 1;
	join(th);
	install(SIGUSR1, count, SA_RESTART);
	th = spawn(pokes_and_writes, &self);
	assert(read(p[0], &c, 1) == 1);
	join(th);
	assert(came > 1);
}

/* Handlers of two kinds take turns while the signal keeps coming. */
static atomic_int stop;
static void *changes(void *arg)
{
	struct sigaction a = act(NULL, SA_SIGINFO);

	(void)arg;
	a.sa_sigaction = know;
	while (!stop) {
		sigaction(SIGUSR1, &a, NULL);
		install(SIGUSR1, count, 0);
		signal(SIGUSR1, count_too);
	}
	return NULL;
}
static void turns(void)
{
	sigset_t usr1;
	pthread_t th;

	signal(SIGUSR1, count);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	th = spawn(changes, NULL);
	for (int i = 0; i < 50000; i++)
		raise(SIGUSR1);
	stop = 1;
	join(th);
	assert(came >= 50000);
}

/* A stub found by a raw call may be called, and installed again. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	unsigned long mask;
};
static void raw(void)
{
	struct kernel_action k;
	struct sigaction a = act(NULL, 0);

	install(SIGUSR1, count, 0);
	assert(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &k, 8) == 0);
	((void (*)(int, void *, void *))k.handler)(SIGUSR1, NULL, NULL);
	assert(came == 1);
	a.sa_handler = (void (*)(int))k.handler;
	assert(sigaction(SIGUSR2, &a, NULL) == 0 && sigaction(SIGUSR2, NULL, &a) == 0);
	raise(SIGUSR2);
	assert(came == 2);
}

static void fork_here(int sig)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pid_t p = fork();
	int status;

	(void)sig;
	if (p == 0) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		raise(SIGUSR2);
		return; /* through the trampoline, in the child */
	}
	assert(waitpid(p, &status, 0) == p && status == 3 << 8);
	came++;
}
static void forks(void)
{
	pid_t here = getpid(), p;
	struct sigaction a;
	int status;

	install(SIGUSR1, fork_here, 0);
	install(SIGUSR2, count_too, 0);
	raise(SIGUSR1);
	if (getpid() != here)
		_exit(came == 100 ? 3 : 4);
	assert(came == 1);
	/* vfork: the child's actions are its own, the parent's handlers stay. */
	p = vfork();
	if (p == 0) {
		signal(SIGUSR2, SIG_DFL);
		signal(SIGUSR1, count);
		_exit(signal(SIGUSR1, SIG_DFL) == count ? 5 : 6);
	}
	assert(waitpid(p, &status, 0) == p && status == 5 << 8);
	assert(sigaction(SIGUSR1, NULL, &a) == 0 && a.sa_handler == fork_here);
	assert(sigaction(SIGUSR2, NULL, &a) == 0 && a.sa_handler == count_too);
}

/* More functions than there are slots: each is a "ret" of its own. */
static void many(void)
{
	unsigned char *code =
	    mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction a;

	memset(code, 0xc3, 8192);
	mprotect(code, 8192, PROT_READ | PROT_EXEC);
	for (int i = 0; i < 400; i++) {
		install(SIGUSR1, (void (*)(int))(void *)(code + i), 0);
		assert(sigaction(SIGUSR1, NULL, &a) == 0 && (void *)a.sa_handler == code + i);
		raise(SIGUSR1);
	}
}

static void leave(int sig)
{
	(void)sig;
	pthread_exit(NULL);
}
static void *left(void *arg)
{
	pthread_cleanup_push((void (*)(void *))count, NULL);
	raise(SIGUSR1);
	pthread_cleanup_pop(0);
	return arg;
}
static void exits(void)
{
	install(SIGUSR1, leave, 0);
	for (int i = 0; i < 50; i++)
		join(spawn(left, NULL));
	assert(came == 50);
}

/* Wakes by a semaphore and by a pipe, from a handler: the roles say so. */
static sem_t woken;
static int self_pipe[2];
static void wake(int sig)
{
	(void)sig;
	sem_post(&woken);
	write(self_pipe[1], "", 1);
}
static void roles(void)
{
	char c;

	sem_init(&woken, 0, 0);
	pipe(self_pipe);
	sem_post(&woken); /* known from before, both of them */
	write(self_pipe[1], "", 1);
	install(SIGUSR1, wake, 0);
	raise(SIGUSR1);
	for (int i = 0; i < 2; i++) {
		sem_wait(&woken);
		read(self_pipe[0], &c, 1);
	}
	ready();
	wait_for_go();
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
    {"old", old},     {"chained", chained}, {"arguments", arguments}, {"small_stack", small_stack},
    {"jumps", jumps}, {"walked", walked},   {"restarts", restarts},   {"turns", turns},
    {"raw", raw},     {"forks", forks},	    {"many", many},	      {"exits", exits},
    {"roles", roles}};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++)
		if (argc > 1 && strcmp(scenes[i].name, argv[1]) == 0) {
			scenes[i].run();
			return 0;
		}
	return 2;
}
