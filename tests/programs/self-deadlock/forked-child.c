/* SPDX-License-Identifier: MIT */
/* expect: self-deadlock error */
/* A child forked under a lock inherits it, and calls what takes it again. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void say(const char *text, size_t n)
{
	pthread_mutex_lock(&log_lock);
	n = (size_t)write(2, text, n);
	pthread_mutex_unlock(&log_lock);
}

int main(void)
{
	pid_t child;

	pthread_mutex_lock(&log_lock);
	child = fork();
	if (child == 0)
		say("child\n", 6);
	pthread_mutex_unlock(&log_lock);
	usleep(300000);
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child ? 0 : 1;
}
