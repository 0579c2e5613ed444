/* SPDX-License-Identifier: MIT */
/*
 * Processes that make processes: family server|chain|daemon|system|spawn|closefrom. Each process
 * says "pid N" on descriptor 3 or, for the closefrom child, on its standard output; nobody ends
 * before all that it started have, so when it is over all is over.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static int say_fd = 3;
static const char *self;

static void say(void)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "pid %d\n", (int)getpid());

	if (write(say_fd, line, (size_t)n) != n)
		_exit(20);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return arg;
}

static void work_in_threads(void)
{
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		if (pthread_create(&t[i], NULL, work, NULL))
			_exit(21);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

static int status_of(pid_t child)
{
	int status;

	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
		   ? WEXITSTATUS(status)
		   : 22;
}

/* A server that forks for each request while its own threads work, half of the children ending by
 * _exit. */
static int server(void)
{
	pid_t child[6];
	int bad = 0;

	work_in_threads();
	for (int i = 0; i < 6; i++) {
		child[i] = fork();
		if (!child[i]) {
			say();
			work_in_threads();
			if (i % 2)
				_exit(0);
			exit(0);
		}
	}
	work_in_threads();
	for (int i = 0; i < 6; i++)
		bad |= status_of(child[i]);
	return bad;
}

/* family chain N replaces itself by family chain N-1. */
static int chain(const char *count)
{
	char less[16];
	int n = count ? atoi(count) : 3;

	work_in_threads();
	if (!n)
		return 0;
	snprintf(less, sizeof(less), "%d", n - 1);
	execl("/nonexistent", "nonexistent", NULL); /* fails, and all goes on */
	execl(self, "family", "chain", less, NULL);
	return 23;
}

static int daemonize(void)
{
	int p[2];
	char c;
	pid_t child;

	if (pipe(p))
		return 24;
	child = fork();
	if (!child) {
		say();
		if (daemon(0, 0))
			_exit(25);
		say();
		work_in_threads();
		exit(0);
	}
	close(p[1]);
	if (status_of(child))
		return 26;
	return read(p[0], &c, 1) == 0 ? 0 : 27; /* the daemon has its write end, until it ends */
}

static int spawn(void)
{
	char *const argv[] = {"family", "child", NULL}, *const nobody[] = {"nobody", NULL};
	pid_t child;

	if (posix_spawn(&child, "/nonexistent", NULL, NULL, nobody, environ) == 0)
		return 28;
	return posix_spawn(&child, self, NULL, NULL, argv, environ) ? 29 : status_of(child);
}

static int close_from(void)
{
	pid_t child = fork();

	if (!child) {
		say_fd = 1;
		closefrom(3);
		say();
		work_in_threads();
		for (int i = 0; i < 20;
		     i++) /* numbers that might have been the tool's are the program's now */
			if (open("/dev/null", O_RDONLY) != 3 + i)
				_exit(30);
		execl(self, "family", "quiet", NULL);
		_exit(31);
	}
	return status_of(child);
}

static int shell(void)
{
	char command[4200];
	int status;

	snprintf(command, sizeof(command), "'%s' child; exit 5", self);
	status = system(command);
	return WIFEXITED(status) && WEXITSTATUS(status) == 5 ? 0 : 32;
}

int main(int argc, char **argv)
{
	static char path[4096];
	const char *kind = argc > 1 ? argv[1] : "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return 2;
	self = path;
	if (strcmp(kind, "quiet"))
		say();
	if (!strcmp(kind, "server"))
		return server();
	if (!strcmp(kind, "chain"))
		return chain(argv[2]);
	if (!strcmp(kind, "daemon"))
		return daemonize();
	if (!strcmp(kind, "system"))
		return shell();
	if (!strcmp(kind, "spawn"))
		return spawn();
	if (!strcmp(kind, "closefrom"))
		return close_from();
	work_in_threads();
	return strcmp(kind, "child") && strcmp(kind, "quiet") ? 2 : 0;
}
