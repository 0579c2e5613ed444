/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* errno changed where nobody can be surprised: in a handler that the thread raised itself, that
 * came while it waited for it with its mask, that left by siglongjmp, that only failed to change
 * errno. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf out;
static volatile sig_atomic_t jump, came;

static void on_alarm(int sig)
{
	(void)sig;
	came++;
	errno = jump ? EDOM : errno;
	if (jump)
		siglongjmp(out, 1);
}
static void on_usr1(int sig)
{
	(void)sig;
	errno = ERANGE;
}

int main(void)
{
	struct itimerval v = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
	sigset_t set, old;

	signal(SIGUSR1, on_usr1);
	raise(SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR1);
	sigsuspend(&old);
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &v, NULL);
	while (came < 3)
		;
	if (sigsetjmp(out, 1) == 0) {
		jump = 1;
		for (;;)
			;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	return 0;
}
