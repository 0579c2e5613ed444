/* SPDX-License-Identifier: MIT */
/* Signals, raw calls, sandboxes, identities and contexts for sys.bats. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#include "scene.h"

/* ---- waiting for signals
 * ------------------------------------------------------------------------------------------------
 */

static sigset_t usr1;
static void nothing(int sig)
{
	(void)sig;
}
static void *waits_sigwait(void *arg)
{
	int sig = 0;

	assert(sigwait(&usr1, &sig) == 0 && sig == SIGUSR1);
	return arg;
}
static void *waits_timed(void *arg)
{
	siginfo_t i;

	assert(sigtimedwait(&usr1, &i, &(struct timespec){.tv_sec = 100}) == SIGUSR1);
	return arg;
}
static void *waits_suspend(void *arg)
{
	sigset_t none;

	sigemptyset(&none);
	assert(sigsuspend(&none) == -1 && errno == EINTR);
	return arg;
}
static void *waits_pause(void *arg)
{
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	assert(pause() == -1 && errno == EINTR);
	return arg;
}
/* The four of them wait until told; then each gets its own signal until it has heard. */
static void signals(void)
{
	static void *(*const how[])(void *) = {waits_sigwait, waits_timed, waits_suspend,
					       waits_pause};
	pthread_t t[4];

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGUSR1, nothing);
	for (int i = 0; i < 4; i++)
		t[i] = spawn(how[i], NULL);
	ready();
	wait_for_go();
	for (int i = 0; i < 4; i++)
		while (pthread_tryjoin_np(t[i], NULL) == EBUSY) {
			pthread_kill(t[i], SIGUSR1);
			sched_yield();
		}
}

/* ---- cancellation points stay such
 * -------------------------------------------------------------------------------------- */

static pid_t sleeper;
static void *cancelled_waitpid(void *arg)
{
	return waitpid(sleeper, NULL, 0) == sleeper ? arg : NULL;
}
static void *cancelled_system(void *arg)
{
	return system("sleep 100") == 0 ? arg : NULL;
}
static void cancellation(void)
{
	static void *(*const how[])(void *) = {waits_sigwait, waits_timed,	 waits_suspend,
					       waits_pause,   cancelled_waitpid, cancelled_system};
	int held[2];

	assert(pipe(held) == 0);
	sleeper = fork();
	if (sleeper == 0) { /* until its parent is gone */
		close(held[1]);
		_exit((int)read(held[0], held, 1));
	}
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	for (unsigned i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		pthread_t t = spawn(how[i], NULL);
		void *r = NULL;

		assert(pthread_cancel(t) == 0 && pthread_join(t, &r) == 0 && r == PTHREAD_CANCELED);
	}
	kill(sleeper, SIGKILL);
	assert(waitpid(sleeper, NULL, 0) == sleeper);
	ready();
	wait_for_go();
}

/* What the program set is what it sees, and nothing else. */
static void handlers_seen(void)
{
	struct sigaction act, want = {.sa_handler = nothing, .sa_flags = SA_RESTART | SA_NODEFER};

	for (int s = 1; s < 65; s++)
		if (s != 32 && s != 33 && s != SIGKILL && s != SIGSTOP)
			assert(sigaction(s, NULL, &act) == 0 &&
			       (act.sa_handler == SIG_DFL || act.sa_handler == SIG_IGN));
	sigaddset(&want.sa_mask, SIGHUP);
	assert(sigaction(SIGUSR2, &want, NULL) == 0 && sigaction(SIGUSR2, NULL, &act) == 0);
	assert(act.sa_handler == nothing && (act.sa_flags & ~0x04000000) == want.sa_flags &&
	       sigismember(&act.sa_mask, SIGHUP));
	assert(signal(SIGUSR2, SIG_DFL) == nothing);
}

/* ---- syscall()
 * ------------------------------------------------------------------------------------------------------------
 */

static unsigned word;
static void *waits_futex(void *arg)
{
	while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}
static void raw(void)
{
	pthread_t t = spawn(waits_futex, NULL);
	int p[2], fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);

	assert(fd >= 0 && syscall(SYS_dup3, fd, 70, 0) == 70 && syscall(SYS_pipe2, p, 0) == 0);
	assert(syscall(SYS_eventfd2, 0, 0) >= 0 && syscall(SYS_close, p[0]) == 0 &&
	       syscall(SYS_close, p[0]) == -1 && errno == EBADF);
	assert(syscall(SYS_openat, AT_FDCWD, "/nonexistent", 0) == -1 && errno == ENOENT);
	ready();
	wait_for_go();
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
	join(t);
}

/* ---- a sandbox
 * ----------------------------------------------------------------------------------------------------------------
 */

/* Kills for what a careful program would not call after start: opening files, limits, usage,
 * fallocate. */
static void sandbox(bool by_syscall)
{
#define KILL_ON(nr)                                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),                                             \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
	struct sock_filter f[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    KILL_ON(SYS_openat),
	    KILL_ON(SYS_prlimit64),
	    KILL_ON(SYS_getrusage),
	    KILL_ON(SYS_fallocate),
	    KILL_ON(SYS_unlinkat),
	    KILL_ON(SYS_readlinkat),
	    KILL_ON(SYS_lseek),
	    KILL_ON(SYS_fcntl),
	    KILL_ON(SYS_perf_event_open),
	    KILL_ON(SYS_ptrace),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(f) / sizeof(f[0]), f};
	static pthread_mutex_t m[2000];

	assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (by_syscall)
		assert(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0);
	else
		assert(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0);
	for (int i = 0; i < 2000; i++) { /* tables grow */
		pthread_mutex_init(&m[i], NULL);
		pthread_mutex_lock(&m[i]);
		if (i)
			pthread_mutex_lock(&m[i - 1]), pthread_mutex_unlock(&m[i - 1]);
		pthread_mutex_unlock(&m[i]);
	}
	for (int i = 0; i < 50; i++) {
		usleep(1);
		close(dup(1));
	}
	exit(21);
}
static void sandbox_prctl(void)
{
	sandbox(false);
}
static void sandbox_syscall(void)
{
	sandbox(true);
}

/* Kills for whatever is not listed, as OpenSSH's does: what the program calls itself, and no more.
 */
static void sandbox_narrow(void)
{
#define ALLOW(nr)                                                                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	struct sock_filter f[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    ALLOW(SYS_read),
	    ALLOW(SYS_write),
	    ALLOW(SYS_close),
	    ALLOW(SYS_poll),
	    ALLOW(SYS_brk),
	    ALLOW(SYS_mmap),
	    ALLOW(SYS_munmap),
	    ALLOW(SYS_futex),
	    ALLOW(SYS_rt_sigprocmask),
	    ALLOW(SYS_clock_gettime),
	    ALLOW(SYS_clock_nanosleep),
	    ALLOW(SYS_getpid),
	    ALLOW(SYS_exit_group),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = {sizeof(f) / sizeof(f[0]), f};
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	struct pollfd none = {.fd = -1};
	int dead = dup(1), unused = dup(1);
	char c = 0;

	assert(write(dead, &c, 0) == 0 && close(dead) == 0);
	assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	assert(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0);
	assert(write(dead, &c, 1) == -1 && errno == EBADF);
	assert(close(dead) == -1 && errno == EBADF);
	assert(write(unused, &c, 0) == 0 && close(unused) == 0);
	pthread_mutex_lock(&m);
	poll(&none, 1, 5); /* under a lock */
	usleep(2000);
	pthread_mutex_unlock(&m);
	exit(22);
}

/* ---- identities
 * --------------------------------------------------------------------------------------------------------------
 */

static atomic_bool stop;
static void *busy(void *arg)
{
	pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;

	while (!stop) {
		pthread_mutex_lock(&own);
		close(dup(1));
		pthread_mutex_unlock(&own);
	}
	return arg;
}
/* setuid() makes every thread answer a signal: none may be deaf. Then it forks as somebody else,
 * from another root. */
static void identity(void)
{
	pthread_t t[3];
	int status = 0;
	pid_t pid;

	alarm(20);
	for (int i = 0; i < 3; i++)
		t[i] = spawn(busy, NULL);
	if (getuid() == 0)
		assert(chdir("/") == 0 && chroot("/proc/self") == 0);
	for (int i = 0; i < 100; i++)
		assert(setgid(getgid()) == 0);
	if (getuid() == 0)
		assert(setgid(65534) == 0 && setuid(65534) == 0);
	stop = true;
	for (int i = 0; i < 3; i++)
		join(t[i]);
	pid = fork();
	if (pid == 0)
		_exit(open("/nonexistent", O_RDONLY) < 0 ? 22 : 1);
	assert(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 22);
	exit(23);
}

/* ---- coroutines
 * --------------------------------------------------------------------------------------------------------------
 */

static ucontext_t home, co[2];
static pthread_mutex_t lock[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static int turns;

static void coroutine(int i)
{
	for (int n = 0; n < 1000; n++) {
		pthread_mutex_lock(&lock[i]);
		close(dup(1));
		turns++;
		swapcontext(&co[i], &home); /* holding it */
		usleep(1);
		pthread_mutex_unlock(&lock[i]);
	}
}
static void *contexts(void *arg)
{
	static char stack[2][65536];

	for (int i = 0; i < 2; i++) {
		getcontext(&co[i]);
		co[i].uc_stack.ss_sp = stack[i];
		co[i].uc_stack.ss_size = sizeof(stack[i]);
		co[i].uc_link = &home;
		makecontext(&co[i], (void (*)(void))coroutine, 1, i);
	}
	for (int n = 0; n < 1001; n++)
		for (int i = 0; i < 2; i++)
			swapcontext(&home, &co[i]);
	assert(turns == 2000);
	return arg;
}
static void coroutines(void)
{
	join(spawn(contexts, NULL));
	ready();
	wait_for_go();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {{"signals", signals},
		   {"cancellation", cancellation},
		   {"handlers-seen", handlers_seen},
		   {"raw", raw},
		   {"sandbox-prctl", sandbox_prctl},
		   {"sandbox-syscall", sandbox_syscall},
		   {"sandbox-narrow", sandbox_narrow},
		   {"identity", identity},
		   {"coroutines", coroutines}};

	assert(argc == 2);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[1], all[i].name) == 0) {
			all[i].run();
			return 0;
		}
	return 99;
}
