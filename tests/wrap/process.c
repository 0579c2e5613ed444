/* SPDX-License-Identifier: MIT */
/* Processes for process.bats: forks, execs, ends, what a child does to its parent's trace. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "scene.h"

extern char **environ;

static int status_of(pid_t pid)
{
	int s = 0;

	while (waitpid(pid, &s, 0) < 0)
		assert(errno == EINTR);
	return WIFEXITED(s) ? WEXITSTATUS(s) : 256 + WTERMSIG(s);
}

/* ---- fork
 * ----------------------------------------------------------------------------------------------------------------
 */

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool stop;

static void *busy(void *arg)
{
	(void)arg;
	while (!stop) {
		pthread_mutex_lock(&a);
		pthread_mutex_lock(&b);
		pthread_mutex_unlock(&b);
		pthread_mutex_unlock(&a);
		close(dup(1));
	}
	return NULL;
}

/* Children made while other threads are in the middle of everything: each must come up, work and
 * end at once. */
static void fork_busy(void)
{
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		t[i] = spawn(busy, NULL);
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		assert(pid >= 0);
		if (pid == 0) {
			alarm(10);
			pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
			pthread_mutex_lock(&m);
			pthread_mutex_unlock(&m);
			stop = true;
			join(spawn(busy, NULL));
			_exit(i);
		}
		assert(status_of(pid) == i);
	}
	stop = true;
	for (int i = 0; i < 3; i++)
		join(t[i]);
}

static void in_child(void)
{
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
}

/* Handlers of pthread_atfork come before our wrapper has its turn in the child; a grandchild; a raw
 * fork nobody announces. */
static void fork_forms(void)
{
	pid_t pid;

	pthread_atfork(NULL, NULL, in_child);
	pid = fork();
	if (pid == 0) {
		pid_t inner = fork();

		if (inner == 0)
			exit(3);
		exit(status_of(inner) == 3 ? 4 : 1);
	}
	assert(status_of(pid) == 4);
	pid = (pid_t)syscall(SYS_fork);
	if (pid == 0) {
		in_child();
		exit(5);
	}
	assert(status_of(pid) == 5);
	exit(6);
}

static void *nap(void *arg)
{
	sem_wait(arg);
	return NULL;
}

/* A parent with open files, a thread, and a child that has nothing of its own to answer for. */
static pthread_mutex_t waited_for = PTHREAD_MUTEX_INITIALIZER;
static pid_t waiter_tid;
static void *waits_for_lock(void *arg)
{
	__atomic_store_n(&waiter_tid, gettid(), __ATOMIC_RELEASE);
	pthread_mutex_lock(&waited_for);
	pthread_mutex_unlock(&waited_for);
	return arg;
}
static bool asleep(pid_t tid)
{
	char path[64], line[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	assert(f && fgets(line, sizeof(line), f));
	fclose(f);
	return strstr(line, ") S ") != NULL;
}
/* Leaves a row of contend and one of hold_io. */
static void wait_for_a_lock(void)
{
	pthread_t t;
	pid_t tid;

	pthread_mutex_lock(&waited_for);
	t = spawn(waits_for_lock, NULL);
	while (!(tid = __atomic_load_n(&waiter_tid, __ATOMIC_ACQUIRE)))
		usleep(100);
	while (!asleep(tid))
		usleep(100);
	usleep(5000); /* under the lock */
	pthread_mutex_unlock(&waited_for);
	join(t);
}

static void fork_inherits(void)
{
	sem_t s;
	pthread_t t;
	pid_t pid;

	sem_init(&s, 0, 0);
	t = spawn(nap, &s);
	wait_for_a_lock();
	assert(open("/dev/null", O_RDONLY) >= 0 && open("/dev/null", O_RDONLY) >= 0);
	pid = fork();
	if (pid == 0) {
		int own = open("/dev/null", O_RDONLY);

		_exit(own >= 0 ? 7 : 1);
	}
	assert(status_of(pid) == 7);
	sem_post(&s);
	join(t);
}

/* As many places that open and close as the bits of `path` tell. */
static int along(unsigned path, int left);
static __attribute__((noinline)) int zero(unsigned path, int left)
{
	return along(path, left) + 1;
}
static __attribute__((noinline)) int one(unsigned path, int left)
{
	return along(path, left) + 2;
}
static __attribute__((noinline)) int along(unsigned path, int left)
{
	if (!left)
		return close(dup(2));
	return path & 1 ? one(path >> 1, left - 1) : zero(path >> 1, left - 1);
}

/* The child, too, finds its way in the parent's stacks. */
static void fork_stacks(void)
{
	pid_t pid;

	for (unsigned i = 0; i < 1024; i++)
		along(i, 10);
	pid = fork();
	if (pid == 0) {
		alarm(20);
		for (unsigned i = 0; i < 2048; i++)
			along(i, 11);
		_exit(9);
	}
	assert(status_of(pid) == 9);
}

/* ---- vfork
 * ------------------------------------------------------------------------------------------------------------------
 */

/* Hundreds of calls in the child, on our memory: nothing of them may be seen in the parent's
 * tables. */
static void vfork_child_works(void)
{
	int keep = open("/dev/null", O_RDONLY), n = 0;

	assert(keep >= 0);
	for (int i = 0; i < 50; i++) {
		pid_t pid = vfork();

		if (pid == 0) {
			for (int k = 0; k < 20; k++) {
				struct sigaction act;

				sigaction(SIGTERM, NULL, &act);
				dup2(keep, 90 + k);
				close(keep);
				close(90 + k);
			}
			pthread_mutex_lock(&a);
			if (i % 2)
				execl("/nonexistent/program", "x", (char *)NULL);
			_exit(i % 2 ? 40 : 41);
		}
		pthread_mutex_unlock(&a); /* shared memory: the child took it */
		n += status_of(pid) == (i % 2 ? 40 : 41);
	}
	assert(n == 50);
	ready();
	wait_for_go();
}

static void vfork_execs(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "exit 42", (char *)NULL);
		_exit(1);
	}
	assert(status_of(pid) == 42);
	assert(posix_spawn(&pid, "/bin/sh", NULL, NULL, (char *[]){"sh", "-c", "exit 43", NULL},
			   environ) == 0);
	assert(status_of(pid) == 43);
	pid = (pid_t)syscall(SYS_vfork);
	if (pid == 0)
		_exit(44);
	assert(status_of(pid) == 44);
}

static int clone_fn(void *arg)
{
	return close(dup(1)) == 0 ? (int)(intptr_t)arg : 1;
}
/* The same memory, the same thread-local state, the maker waits; then a plain process. */
static void clones(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	pid_t pid =
	    clone(clone_fn, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)9);

	assert(status_of(pid) == 9);
	pid = clone(clone_fn, stack + sizeof(stack), SIGCHLD, (void *)10);
	assert(status_of(pid) == 10);
}

/* ---- ends
 * ---------------------------------------------------------------------------------------------------------------------
 */

static void ends(void)
{
	static const int want[] = {11, 12, 13, 256 + SIGABRT, 14, 256 + SIGKILL};

	for (unsigned i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			switch (i) {
			case 0:
				exit(11);
			case 1:
				_exit(12);
			case 2:
				quick_exit(13);
			case 3:
				abort();
			case 4:
				syscall(SYS_exit_group, 14); /* fallthrough */
			case 5:
				raise(SIGKILL);
			}
		}
		assert(status_of(pid) == want[i]);
	}
}

static void daemonize(void)
{
	assert(daemon(0, 0) == 0);
	assert(getsid(0) == getpid());
	exit(15);
}

/* ---- the child that closes everything; limits
 * ------------------------------------------------------------------------------ */

static void closes_all(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit r;

		closefrom(3);
		getrlimit(RLIMIT_NOFILE, &r);
		for (int fd = 3; fd < 70000; fd++)
			close(fd);
		syscall(SYS_close_range, 3u, ~0u, 0);
		pthread_mutex_lock(&a);
		spawn(nap, &(sem_t){});
		exit(16);
	}
	assert(status_of(pid) == 16);
}

/* ---- a plugin that only the RUNPATH finds (G37)
 * ----------------------------------------------------------------------------- */

static void plugin(void)
{
	void *h = dlopen("libprocess_plugin.so", RTLD_NOW);
	pthread_t (*start)(void);

	if (!h)
		fprintf(stderr, "%s\n", dlerror());
	assert(h);
	*(void **)&start = dlsym(h, "plugin_start");
	join(start());
	exit(17);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {{"fork-busy", fork_busy},
		   {"fork-forms", fork_forms},
		   {"fork-inherits", fork_inherits},
		   {"fork-stacks", fork_stacks},
		   {"vfork-child-works", vfork_child_works},
		   {"vfork-execs", vfork_execs},
		   {"clones", clones},
		   {"ends", ends},
		   {"daemon", daemonize},
		   {"closes-all", closes_all},
		   {"plugin", plugin}};

	assert(argc == 2);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[1], all[i].name) == 0) {
			all[i].run();
			return 0;
		}
	return 99;
}
