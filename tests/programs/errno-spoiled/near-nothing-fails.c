/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The handlers don't save errno, but nothing in them fails: as many calls as a handler may make. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t came, wrong;
static sem_t woken;
static int pipe_fds[2];

static void on_alarm(int sig)
{
	struct timespec t;
	struct stat st;
	sigset_t set;
	char c;
	int fd;

	(void)sig;
	sem_post(&woken);
	wrong |= write(pipe_fds[1], "", 1) != 1 || read(pipe_fds[0], &c, 1) != 1;
	fd = open("/dev/null", O_RDWR);
	wrong |= fd < 0 || write(fd, "x", 1) != 1 || fstat(fd, &st) || dup2(fd, 55) != 55;
	close(fd);
	close(55);
	clock_gettime(CLOCK_MONOTONIC, &t);
	sigemptyset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR1, SIG_IGN);
	kill(getpid(), SIGUSR1);
	poll(NULL, 0, 0);
	came++;
}

int main(void)
{
	struct itimerval v = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};

	sem_init(&woken, 0, 0);
	if (pipe(pipe_fds))
		return 1;
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &v, NULL);
	while (came < 20)
		errno = came % 2 ? ENOENT : 0;
	setitimer(ITIMER_REAL, &off, NULL);
	while (sem_trywait(&woken) == 0)
		;
	sem_destroy(&woken);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return wrong;
}
