/* SPDX-License-Identifier: MIT */
/*
 * Programs for fd.bats, one an argument. Those that are to be looked at from outside say "ready"
 * and wait for a byte on standard input.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/pitfall-fd-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static void ready(void)
{
	char c;

	write(1, "ready\n", 6);
	assert(read(0, &c, 1) >= 0);
}

/* ---- table: every way to make, copy and drop one
 * ------------------------------------------------------------------------------- */

static void is(int fd, const char *kind)
{
	assert(fd >= 0);
	printf("%d %s\n", fd, kind);
}

static int send_fd(int sock, int fd, int *got)
{
	char byte = 1, space[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec v = {&byte, 1};
	struct msghdr m = {
	    .msg_iov = &v, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (fd >= 0) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
		return (int)sendmsg(sock, &m, 0);
	}
	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	memcpy(got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return 0;
}

static void table_files(void)
{
	char name[] = "/tmp/pitfall-fd-XXXXXX", c;
	DIR *d;
	FILE *f;
	int fd;

	is(fd = open(in_dir("a"), O_RDWR | O_CREAT, 0600), "file");
	is(openat(AT_FDCWD, in_dir("a"), O_RDONLY), "file");
	is(creat(in_dir("b"), 0600), "file");
	is(open(dir, O_RDONLY | O_DIRECTORY), "dir");
	is(fd = open(dir, O_RDONLY), "dir");
	assert(read(fd, &c, 1) == -1 &&
	       errno == EISDIR); /* what a name stood for is found at the first use */
	assert(mkfifo(in_dir("f"), 0600) == 0);
	is(fd = open(in_dir("f"), O_RDWR), "fifo");
	assert(write(fd, "x", 1) == 1);
	is(mkstemp(name), "file");
	unlink(name);
	f = fopen(in_dir("a"), "r");
	is(fileno(f), "file");
	f = tmpfile();
	is(fileno(f), "file");
	d = opendir(dir);
	is(dirfd(d), "dir");
	f = popen("true", "r");
	is(fileno(f), "pipe");
	is(memfd_create("m", 0), "memfd");
	is(fd = shm_open("/pitfall-fd-test", O_RDWR | O_CREAT, 0600), "shm");
	shm_unlink("/pitfall-fd-test");
	is(posix_openpt(O_RDWR | O_NOCTTY), "pty");
	is(dup(fd), "shm");
	is(fcntl(fd, F_DUPFD, 50), "shm");
	is(dup2(fd, 60), "shm");
	is(dup3(fd, 61, O_CLOEXEC), "shm");
}

static void table_others(void)
{
	int p[2], s[2], m[2], got = -1;
	sigset_t mask;

	sigemptyset(&mask);
	assert(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 &&
	       openpty(&m[0], &m[1], NULL, NULL, NULL) == 0);
	is(p[0], "pipe"), is(p[1], "pipe"), is(s[0], "socketpair"), is(s[1], "socketpair"),
	    is(m[0], "pty"), is(m[1], "pty");
	is(eventfd(0, EFD_NONBLOCK), "eventfd");
	is(epoll_create1(0), "epoll");
	is(inotify_init1(IN_CLOEXEC), "inotify");
	is(signalfd(-1, &mask, 0), "signalfd");
	is(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd");
	is(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	assert(send_fd(s[0], p[0], NULL) == 1 && send_fd(s[1], -1, &got) == 0);
	is(got, "received");
}

/* Everything made here is gone at the end, by every way to drop one. */
static void table_dropped(void)
{
	char name[] = "/tmp/pitfall-fd-XXXXXX";
	int fd = open("/dev/null", O_RDWR), low, i;
	FILE *f;

	f = fdopen(open(in_dir("a"), O_RDONLY), "r");
	assert(fclose(f) == 0);
	i = mkstemp(name);
	unlink(name);
	assert(close(i) == 0);
	assert(closedir(opendir(dir)) == 0);
	assert(closedir(fdopendir(open(dir, O_RDONLY))) == 0);
	assert(pclose(popen("true", "r")) == 0);
	f = fopen("/nonexistent/x", "r");
	assert(!f && errno == ENOENT);
	f = freopen("/nonexistent/x", "r", fopen(in_dir("a"), "r"));
	assert(!f);
	f = fopen(in_dir("a"), "r");
	i = fileno(f);
	f = freopen("/dev/null", "w", f);
	assert(f && fileno(f) == i && fclose(f) == 0);
	low = fcntl(fd, F_DUPFD, 100);
	for (i = 1; i < 5; i++)
		assert(fcntl(fd, F_DUPFD, 100) == low + i);
	assert(close_range((unsigned)low + 1, (unsigned)low + 2, 0) == 0);
	assert(dup2(fd, low + 3) == low + 3);
	closefrom(low + 3);
	assert(close(low) == 0 && close(fd) == 0);
}

static int table(void)
{
	assert(mkdtemp(dir) && close(creat(in_dir("a"), 0600)) == 0);
	table_dropped();
	table_files();
	table_others();
	table_dropped(); /* keeps all below 100 */
	fflush(stdout);
	ready();
	return system("rm -rf /tmp/pitfall-fd-*") ? 1 : 0;
}

/* ---- waits: what each thread is blocked in, on which descriptor
 * ----------------------------------------------------------------- */

static int pipes[8][2], listener;

static void *in_read(void *arg)
{
	char c;
	read(pipes[0][0], &c, 1);
	return arg;
}
static void *in_poll(void *arg)
{
	struct pollfd p = {pipes[1][0], POLLIN, 0};
	poll(&p, 1, -1);
	return arg;
}
static void *in_poll_timed(void *arg)
{
	struct pollfd p = {pipes[2][0], POLLIN, 0};
	poll(&p, 1, 60000);
	return arg;
}
static void *in_fgets(void *arg)
{
	char s[8];
	fgets(s, 8, fdopen(pipes[3][0], "r"));
	return arg;
}
static void *in_getc(void *arg)
{
	getc(fdopen(pipes[4][0], "r"));
	return arg;
}
static void *in_accept(void *arg)
{
	accept(listener, NULL, NULL);
	return arg;
}
static void *in_write(void *arg)
{
	static char big[1 << 20];

	write(pipes[5][1], big, sizeof(big));
	return arg;
}
static void *in_flock(void *arg)
{
	FILE *f = arg;

	flockfile(f);
	funlockfile(f);
	return arg;
}

static int waits(void)
{
	void *(*const all[])(void *) = {in_read, in_poll,   in_poll_timed, in_fgets,
					in_getc, in_accept, in_write};
	struct sockaddr_un any = {.sun_family = AF_UNIX};
	pthread_t t;

	for (int i = 0; i < 8; i++)
		assert(pipe(pipes[i]) == 0);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert(bind(listener, (void *)&any, sizeof(sa_family_t)) == 0 && listen(listener, 1) == 0);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert(pthread_create(&t, NULL, all[i], NULL) == 0);
	flockfile(stderr);
	assert(pthread_create(&t, NULL, in_flock, stderr) == 0);
	printf("read %d\npoll %d\npoll %d\nfgets %d\nfgetc %d\naccept %d\nwrite %d\nflockfile 2\n",
	       pipes[0][0], pipes[1][0], pipes[2][0], pipes[3][0], pipes[4][0], listener,
	       pipes[5][1]);
	fflush(stdout);
	ready();
	_exit(0);
}

/* ---- exhausted
 * ------------------------------------------------------------------------------------------------------------------
 */

static int exhausted(void)
{
	struct rlimit r = {64, 64};
	int n = 0;

	assert(setrlimit(RLIMIT_NOFILE, &r) == 0);
	while (n < 1000 && open("/dev/null", O_RDONLY) >= 0)
		n++;
	assert(errno == EMFILE && n < 64);
	for (int i = 0; i < 50; i++)
		assert(open("/dev/null", O_RDONLY) == -1 && errno == EMFILE);
	assert(!fopen("/dev/null", "r") && errno == EMFILE);
	assert(socket(AF_UNIX, SOCK_STREAM, 0) == -1 && errno == EMFILE);
	ready();
	return 0;
}

/* ---- misuse
 * ---------------------------------------------------------------------------------------------------------------------
 */

static int misuse(void)
{
	int p[2], fd = open("/dev/null", O_RDONLY);
	char c;
	FILE *f;

	assert(fd >= 0 && close(fd) == 0);
	assert(close(fd) == -1 && errno == EBADF); /* told */
	assert(pipe(p) == 0);
	close(p[1]);
	assert(write(p[1], "x", 1) == -1 && errno == EBADF); /* told */
	assert(write(p[1], "x", 1) == -1 && errno == EBADF); /* once */
	f = fopen("/dev/null", "r");
	fd = fileno(f);
	close(fd);
	assert(fclose(f) == EOF && errno == EBADF); /* told */
	assert(read(p[0], &c, 1) == 0);
	return 0;
}

/* Nothing here is a fault. */
static int no_misuse(void)
{
	int p[2], fd = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY);
	struct stat st;
	char c;

	assert(close(-1) == -1 && errno == EBADF);
	assert(close(900) == -1 && errno == EBADF);
	assert(read(out, &c, 1) == -1 && errno == EBADF); /* open, but not for reading */
	assert(close(fd) == 0);
	assert(fcntl(fd, F_GETFD) == -1 && errno == EBADF);
	assert(fstat(fd, &st) == -1 && errno == EBADF);
	assert(pipe(p) == 0);
	close(p[0]), close(p[1]), close(out);
	for (int i = 3; i < 256; i++)
		close(i);
	for (int i = 255; i > 2; i--)
		close(i);
	return 0;
}

/* ---- ours: the tool's own descriptors cannot be seen, closed or overwritten
 * ------------------------------------------------------- */

static int tool_fds(int *fds)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d))) {
		char path[64], to[256] = {0};

		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", e->d_name);
		if (readlink(path, to, sizeof(to) - 1) > 0 &&
		    (strstr(to, ".state") || strstr(to, ".jsonl")) && n < 4)
			fds[n++] = atoi(e->d_name);
	}
	closedir(d);
	return n;
}

static int ours(void)
{
	int fds[4], now[4], n = tool_fds(fds), null = open("/dev/null", O_RDWR), high, p[2];
	struct rlimit r;
	char c = 'x';

	assert(n == 2);
	assert(getrlimit(RLIMIT_NOFILE, &r) == 0);
	for (int i = 0; i < n; i++) {
		assert(close(fds[i]) == -1 && errno == EBADF);
		assert(dup(fds[i]) == -1 && errno == EBADF);
		assert(fcntl(fds[i], F_GETFD) == -1 && errno == EBADF);
		assert(!fdopen(fds[i], "r") && errno == EBADF);
		assert(dup2(fds[i], 200) == -1 && errno == EBADF);
	}
	r.rlim_cur = r.rlim_max; /* our numbers are within reach now */
	assert(setrlimit(RLIMIT_NOFILE, &r) == 0);
	assert(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0);
	assert(close_range((unsigned)null + 1, ~0u, 0) == 0);
	assert(tool_fds(now) == 2);
	closefrom(null + 1);
	assert(tool_fds(now) == 2);
	for (int i = 3; i < 8192; i++)
		if (i != null)
			close(i);
	assert(tool_fds(now) == 2);
	/* A program may put its own there. */
	assert(pipe(p) == 0);
	high = fds[0] < (int)r.rlim_cur ? fds[0] : -1;
	if (high >= 0) {
		assert(dup2(p[1], high) == high);
		assert(write(high, &c, 1) == 1 && read(p[0], &c, 1) == 1 && c == 'x');
		assert(close(high) == 0);
		assert(close(high) == -1 && errno == EBADF);
	}
	assert(tool_fds(now) == 2);
	/* The trace goes on growing. */
	for (int i = 0; i < 200; i++) {
		int fd = open("/dev/null", O_RDONLY);

		close(fd);
		assert(close(fd) == -1);
	}
	ready();
	return 0;
}

/* ---- errnos: what each call leaves there, to be compared with and without us
 * ------------------------------------------------------- */

#define SHOW(call)                                                                                 \
	({                                                                                         \
		errno = 77;                                                                        \
		long r_ = (long)(call);                                                            \
		int e_ = errno;                                                                    \
		printf("%s = %s, %d\n", #call, r_ < 0 ? "-1" : r_ ? "+" : "0", e_);                \
		r_;                                                                                \
	})

static int errnos(void)
{
	struct pollfd pf = {.events = POLLIN};
	struct rlimit r = {32, 64};
	struct flock l = {.l_type = F_WRLCK};
	FILE *f;
	char c;
	int p[2], fd, ep;

	SHOW(pipe(p));
	SHOW(write(p[1], "x", 1));
	SHOW(read(p[0], &c, 1));
	SHOW(fcntl(p[0], F_SETFL, O_NONBLOCK));
	SHOW(read(p[0], &c, 1));
	SHOW(read(p[1], &c, 1));
	pf.fd = p[0];
	SHOW(poll(&pf, 1, 0));
	SHOW(close(p[0]));
	SHOW(close(p[0]));
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(p[1], "x", 1));
	SHOW(fd = open("/nonexistent", O_RDONLY));
	SHOW(fd = open("/dev/null", O_RDWR));
	SHOW(dup2(fd, fd));
	SHOW(dup2(-1, fd));
	SHOW(dup3(fd, fd, 0));
	SHOW(fcntl(fd, F_DUPFD, 1 << 30));
	SHOW(fcntl(fd, F_SETLKW, &l));
	SHOW(close(-1));
	SHOW(close_range(9, 8, 0));
	SHOW(ep = epoll_create1(0));
	SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
	SHOW(fopen("/nonexistent", "r"));
	SHOW(f = fopen("/dev/null", "w"));
	SHOW(fputs("x", f));
	SHOW(fprintf(f, "%d", 1));
	SHOW(fputc('x', f));
	SHOW(fflush(f));
	SHOW(fgetc(f));
	SHOW(fclose(f));
	SHOW(fdopen(-1, "r"));
	SHOW(opendir("/nonexistent"));
	SHOW(closedir(opendir("/")));
	SHOW(socket(-1, 0, 0));
	SHOW(setrlimit(RLIMIT_NOFILE, &r));
	while (dup(fd) >= 0)
		;
	SHOW(dup(fd));
	SHOW(open("/dev/null", O_RDONLY));
	SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
	SHOW(fopen("/dev/null", "r"));
	SHOW(opendir("/"));
	SHOW(pipe(p));
	return 0;
}

/* ---- cancelled: blocked calls are left by cancellation, cleanup handlers run
 * ------------------------------------------------------- */

static int cleaned;
static void clean(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&cleaned, 1, __ATOMIC_RELAXED);
}
static void *cancelled_in(void *arg)
{
	void *(**call)(void *) = arg;

	pthread_cleanup_push(clean, NULL);
	(*call)(NULL);
	pthread_cleanup_pop(0);
	return NULL;
}
static void *in_epoll(void *arg)
{
	struct epoll_event e;
	epoll_wait(epoll_create1(0), &e, 1, -1);
	return arg;
}
static void *in_select(void *arg)
{
	select(0, NULL, NULL, NULL, NULL);
	return arg;
}

static int cancelled(void)
{
	static void *(*all[])(void *) = {in_read,   in_poll,  in_poll_timed, in_fgets,
					 in_accept, in_write, in_epoll,	     in_select};
	enum { N = sizeof(all) / sizeof(all[0]) };
	struct sockaddr_un any = {.sun_family = AF_UNIX};
	pthread_t t[N];
	void *result;

	for (int i = 0; i < 8; i++)
		assert(pipe(pipes[i]) == 0);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert(bind(listener, (void *)&any, sizeof(sa_family_t)) == 0 && listen(listener, 1) == 0);
	for (int i = 0; i < N; i++)
		assert(pthread_create(&t[i], NULL, cancelled_in, &all[i]) == 0);
	for (int i = 0; i < N; i++) {
		assert(pthread_cancel(t[i]) == 0 && pthread_join(t[i], &result) == 0);
		assert(result == PTHREAD_CANCELED);
	}
	printf("%d of %d cleaned\n", cleaned, N);
	return 0;
}

/* ---- storm: a handler opens, writes and closes while the threads do the same
 * ------------------------------------------------------- */

enum { STORMS = 500 };
static int storm_pipe[2], storms;
static void on_signal(int sig)
{
	int e = errno, fd = dup(storm_pipe[1]);

	(void)sig;
	if (fd >= 0) {
		write(fd, "x", 1);
		close(fd);
	}
	__atomic_fetch_add(&storms, 1, __ATOMIC_RELAXED);
	errno = e;
}
static void *in_storm(void *arg)
{
	while (__atomic_load_n(&storms, __ATOMIC_RELAXED) < STORMS) {
		int fd = open("/dev/null", O_RDWR), p[2];
		FILE *f = fopen("/dev/null", "w");

		assert(fd >= 0 && pipe(p) == 0 && f);
		write(p[1], "y", 1), read(p[0], p, 0);
		assert(close(fd) == 0 && close(p[0]) == 0 && close(p[1]) == 0 && fclose(f) == 0);
	}
	return arg;
}
static int storm(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
	pthread_t t[2];

	assert(pipe(storm_pipe) == 0 && fcntl(storm_pipe[1], F_SETFL, O_NONBLOCK) == 0);
	sigaction(SIGALRM, &sa, NULL);
	assert(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < 2; i++)
		assert(pthread_create(&t[i], NULL, in_storm, NULL) == 0);
	in_storm(NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert(setitimer(ITIMER_REAL, &never, NULL) == 0);
	ready();
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} all[] = {{"table", table},   {"waits", waits},	 {"exhausted", exhausted},
		   {"misuse", misuse}, {"no_misuse", no_misuse}, {"ours", ours},
		   {"errnos", errnos}, {"cancelled", cancelled}, {"storm", storm}};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (argc > 1 && !strcmp(argv[1], all[i].name))
			return all[i].run();
	return 2;
}
